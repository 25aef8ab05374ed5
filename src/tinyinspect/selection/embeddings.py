"""Embeddings of all frames by an encoder, and their map in two dimensions.

Example:
    embeddings = embed_batches(store, encode, 64, batches_of(len(store)))
    write_embeddings(embeddings, store, Path("embeddings/embeddings.npy"))
    points = map_of(read_embeddings(Path("embeddings/embeddings.npy")))
    draw_map(points, store.index["recording"].to_numpy(), Path("embeddings/map.png"))
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from tinyinspect import camera
from tinyinspect.errors import InputError
from tinyinspect.files import allocate
from tinyinspect.recordings.store import FrameStore

Encoder = Callable[[NDArray[np.uint8]], NDArray[np.float32]]  # views (b, s, s, 3) to embeddings (b, d)
BATCH = 256
DECODERS = 2  # threads that decode while the encoder works
MOST_IN_LEGEND = 20  # recordings


def batches_of(frames: int) -> list[range]:
    """The rows of each batch: those that are encoded together, whatever encodes them."""
    return [range(start, min(start + BATCH, frames)) for start in range(0, frames, BATCH)]


def embed_batches(
    store: FrameStore, encode: Encoder, input_size: int, batches: Iterable[range]
) -> Iterator[NDArray[np.float32]]:
    """Embeddings of frames as the camera's model sees them, (b, d) float32 a batch.

    One batch is encoded while threads decode the next, so memory stays flat.

    Args:
        store: of the frames.
        encode: from views (b, s, s, 3) uint8 to embeddings (b, d) float32.
        input_size: s, pixels.
        batches: rows of each, as :func:`batches_of` gives them.

    Raises:
        InputError: A frame cannot be decoded.
    """

    def view(row: int) -> camera.Pixels:
        return camera.model_view(store.picture(row), input_size)

    with ThreadPoolExecutor(DECODERS) as pool:
        decoding = (pool.map(view, rows) for rows in batches)
        coming = next(decoding, None)
        while coming is not None:
            views = np.stack(list(coming))
            coming = next(decoding, None)
            yield encode(views)


def write_embeddings(embeddings: Iterable[NDArray[np.float32]], store: FrameStore, target: Path) -> None:
    """Write the embeddings of all frames to a .npy file, (n, d) float32, row by row of the index; the file is mapped.

    Args:
        embeddings: (b, d) float32 each, some frames after the others.
        store: the n frames.
        target: the file.

    Raises:
        InputError: There is no frame, or an embedding is not finite.
    """
    if not len(store):
        raise InputError(
            f"{store.folder} holds no frames; put recordings under data/videos or loosen extract's filters"
        )
    written: np.memmap | None = None
    start = 0
    for encoded in embeddings:
        if not np.isfinite(encoded).all():
            raise InputError("the backbone's embeddings are not finite; lower pretrain.learning_rate")
        if written is None:
            written = open_memmap(target, "w+", np.float32, (len(store), encoded.shape[1]))
            allocate(target)
        written[start : start + len(encoded)] = encoded
        start += len(encoded)
    assert written is not None
    written.flush()


def read_embeddings(path: Path) -> NDArray[np.float32]:
    """The (n, d) float32 array in ``path``, mapped and not loaded.

    Raises:
        InputError: The file is missing or is none that :func:`embed_frames` wrote.
    """
    try:
        return np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        raise InputError(f"{path} is missing or broken; run `dvc repro --force embed`") from None


def read_map(path: Path, frames: int) -> NDArray[np.float32]:
    """The map (frames, 2) float32 in ``path``.

    Raises:
        InputError: The file is missing, broken, or was made from other frames.
    """
    points = read_embeddings(path)
    if points.shape != (frames, 2):
        raise InputError(f"{path} was made from other frames; run `dvc repro --force embed`")
    return np.array(points, np.float32)


def map_of(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """A map of (n, d) embeddings, (n, 2) float32, by PaCMAP (Wang et al. 2021), which keeps neighbourhoods."""
    from lightly_mundig import TwoDimEmbedding

    if len(embeddings) < 2:
        return np.zeros((len(embeddings), 2), np.float32)
    return np.array(TwoDimEmbedding(np.asarray(embeddings)).calculate_2d_embedding(), np.float32)


def draw_map(points: NDArray[np.float32], recordings: NDArray, target: Path) -> None:
    """Draw a map (n, 2) as a PNG file, coloured by the recording of each frame, (n,) str."""
    from matplotlib import colormaps  # here: it takes longer to load than most that read embeddings alone
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(recordings.tolist()))
    colours = colormaps["tab10" if len(names) <= 10 else "tab20" if len(names) <= 20 else "turbo"]
    figure = Figure(figsize=(9, 6.5), dpi=120, layout="constrained")
    axes = figure.subplots()
    dot = np.clip(8000 / max(len(points), 1), 3, 20)  # points squared
    for number, name in enumerate(names):
        mine = recordings == name
        colour = colours(number) if len(names) <= 20 else colours(number / (len(names) - 1))
        axes.scatter(
            points[mine, 0],
            points[mine, 1],
            s=dot,
            alpha=0.7,
            linewidths=0,
            color=colour,
            label=f"{name} ({mine.sum()})",
        )
    axes.set(title=f"Embeddings of {len(points)} frames from {len(names)} recordings", xticks=[], yticks=[])
    axes.set_xlabel("frames that lie close together look alike to the backbone")
    if len(names) <= MOST_IN_LEGEND:
        legend = figure.legend(
            loc="outside right upper", title="recording (frames)", markerscale=30 / dot**0.5 / 4, frameon=False
        )
        for handle in legend.legend_handles:
            if handle is not None:
                handle.set_alpha(1)
    figure.savefig(target, format="png", metadata={"Software": None})
