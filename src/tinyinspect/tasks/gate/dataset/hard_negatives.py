"""Pictures near the normal ones: their parts in another order, beside other things, or what lies around them alone."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from PIL import Image

from tinyinspect.camera import Pixels
from tinyinspect.simulation.foreign import cut_out

Photos = list[Pixels]


class HardNegative(StrEnum):
    """Kinds of them."""

    SHUFFLED = "shuffled"  # patches of the frame in a random order
    IN_PHOTO = "in_photo"  # the frame, small, in a photo
    PHOTO_ON_TOP = "photo_on_top"  # a photo over the middle of the frame
    TRAY_ALONE = "tray_alone"  # the texture of a corner over the whole picture
    OBJECT_ON_TOP = "object_on_top"  # a foreign object over the frame


def _shuffled(frame: Pixels, cells: float, photos: Photos, rng: np.random.Generator) -> Pixels:
    height, width = frame.shape[0] // int(cells), frame.shape[1] // int(cells)
    places = [(row * height, column * width) for row in range(int(cells)) for column in range(int(cells))]
    mixed = frame.copy()
    for (row, column), place in zip(places, rng.permutation(len(places)), strict=True):
        top, left = places[place]
        mixed[row : row + height, column : column + width] = frame[top : top + height, left : left + width]
    return mixed


def _in_photo(frame: Pixels, share: float, photos: Photos, rng: np.random.Generator) -> Pixels:
    return _pasted(_photo(frame, photos, rng), frame, share, rng, spread=1)


def _photo_on_top(frame: Pixels, share: float, photos: Photos, rng: np.random.Generator) -> Pixels:
    return _pasted(frame, _photo(frame, photos, rng), share, rng, spread=0.3)


def _tray_alone(frame: Pixels, share: float, photos: Photos, rng: np.random.Generator) -> Pixels:
    """A corner of the frame, mirrored on and on."""
    height, width = (max(2, round(share * side)) for side in frame.shape[:2])
    corner = frame[::-1][:height] if rng.random() < 0.5 else frame[:height]
    corner = corner[:, ::-1][:, :width] if rng.random() < 0.5 else corner[:, :width]
    reach = [(0, side - part) for side, part in zip(frame.shape[:2], (height, width), strict=True)]
    return np.pad(corner, [*reach, (0, 0)], mode="symmetric")


def _object_on_top(frame: Pixels, share: float, photos: Photos, rng: np.random.Generator) -> Pixels:
    side = round(share * min(frame.shape[:2]))
    colour, coverage = cut_out(side, rng)
    top, left = (int(rng.integers(0, whole - side + 1)) for whole in frame.shape[:2])
    covered = frame.astype(np.float32)
    below = covered[top : top + side, left : left + side]
    below += coverage[..., None] * (colour - below)
    return np.clip(np.round(covered), 0, 255).astype(np.uint8)


_MADE_BY: dict[HardNegative, tuple[Callable[..., Pixels], tuple[float, ...]]] = {
    HardNegative.SHUFFLED: (_shuffled, (3, 4, 6, 8)),  # patches along a side
    HardNegative.IN_PHOTO: (_in_photo, (0.6, 0.5, 0.4, 0.3)),  # of the photo's side
    HardNegative.PHOTO_ON_TOP: (_photo_on_top, (0.45, 0.6, 0.75, 0.9)),  # of the frame's side
    HardNegative.TRAY_ALONE: (_tray_alone, (0.25, 0.2, 0.15)),  # of the frame's side, that is the corner
    HardNegative.OBJECT_ON_TOP: (_object_on_top, (0.7, 0.8, 0.9, 1)),  # of the frame's side
}
HARD_STEPS = {kind: len(ladder) for kind, (_, ladder) in _MADE_BY.items()}
NEED_PHOTOS = {HardNegative.IN_PHOTO, HardNegative.PHOTO_ON_TOP}


def hard_negative(kind: HardNegative, step: int, frame: Pixels, photos: Photos, rng: np.random.Generator) -> Pixels:
    """A picture near a normal frame.

    Args:
        kind: of it.
        step: of its ladder, from 0, the nearest, to ``HARD_STEPS[kind] - 1``.
        frame: (h, w, 3) uint8 RGB.
        photos: of the same split as the frame; at least one for the kinds of ``NEED_PHOTOS``.
        rng: of what differs from picture to picture.
    """
    make, ladder = _MADE_BY[kind]
    return make(frame, ladder[step], photos, rng)


def _photo(frame: Pixels, photos: Photos, rng: np.random.Generator) -> Pixels:
    """One of the photos, as large as the frame."""
    photo = Image.fromarray(photos[rng.integers(len(photos))])
    return np.asarray(photo.resize(frame.shape[1::-1], Image.Resampling.BILINEAR))


def _pasted(below: Pixels, above: Pixels, share: float, rng: np.random.Generator, spread: float) -> Pixels:
    """``above``, as large as a ``share`` of the side, over ``below``; from the middle (spread 0) to anywhere (1)."""
    height, width = (round(share * side) for side in below.shape[:2])
    small = np.asarray(Image.fromarray(above).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2))
    free = below.shape[0] - height, below.shape[1] - width
    top, left = (int(one * (0.5 + spread * (rng.random() - 0.5))) for one in free)
    pasted = below.copy()
    pasted[top : top + height, left : left + width] = small
    return pasted
