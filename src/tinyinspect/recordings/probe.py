"""Learn how a recording is coded, before all of it is read."""

from pathlib import Path

from tinyinspect.errors import InputError
from tinyinspect.recordings import imageio, pictures, video
from tinyinspect.recordings.find import kind_of
from tinyinspect.recordings.stream import Kind, Stream


def probe(path: Path) -> Stream:
    """How the recording at ``path`` is coded, from its headers and its first picture.

    Raises:
        InputError: It is missing, empty, unreadable or none of the known kinds.
    """
    match kind_of(path):
        case Kind.PICTURES:
            return pictures.describe(path)
        case Kind.IMAGEIO:
            _require_readable(path)
            return imageio.describe(path)
        case _:
            _require_readable(path)
            return video.describe(path)


def _require_readable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        found = "is a link to a file that does not exist" if path.is_symlink() else "is gone"
        raise InputError(f"{path} {found}; put it back or take it out of the recordings") from None
    except OSError as error:
        raise InputError(f"{path} cannot be opened ({error.strerror}); check its permissions and its disk") from None
    if empty:
        raise InputError(f"{path} is empty; record or copy it anew")
