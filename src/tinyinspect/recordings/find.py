"""Which files and folders are recordings, and which are none."""

from dataclasses import dataclass
from pathlib import Path

from tinyinspect.errors import InputError
from tinyinspect.recordings.pictures import is_picture
from tinyinspect.recordings.stream import Kind
from tinyinspect.recordings.tree import is_regular, named, walk

IMAGEIO_SUFFIX = ".bin"
# fmt: off
VIDEO_SUFFIXES = (
    ".3g2", ".3gp", ".asf", ".avi", ".flv", ".gif", ".h264", ".h265", ".m2ts", ".m4v", ".mjpeg", ".mjpg", ".mkv",
    ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".vob", ".webm", ".wmv",
)
# fmt: on
SUFFIXES = tuple(sorted([*VIDEO_SUFFIXES, IMAGEIO_SUFFIX]))


@dataclass(frozen=True)
class Survey:
    """What lies under a folder: sorted paths relative to it, with "/"."""

    recordings: list[str]
    ignored: list[str]


def kind_of(path: Path) -> Kind:
    """How the recording at ``path`` lies on the disk, by its name."""
    if path.is_dir():
        return Kind.PICTURES
    return Kind.IMAGEIO if path.name.lower().endswith(IMAGEIO_SUFFIX) else Kind.VIDEO


def survey(folder: Path) -> Survey:
    """All recordings under ``folder``, subfolders included, and all files that are none.

    A folder that holds pictures, and no recording beside them, is one recording; ``folder`` itself never is.

    Raises:
        InputError: There is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is missing; make it and put recordings there, or run `dvc pull data.dvc`")
    recordings, ignored = [], []
    for here, files in walk(folder):
        videos = {name for name in files if _is_recording(folder / here / name)}
        pictures = {name for name in files if is_picture(name) and is_regular(folder / here / name)}
        recordings += [(here / name).as_posix() for name in videos]
        if pictures and not videos and here != Path():
            recordings.append(here.as_posix())
        else:
            pictures.clear()
        ignored += [(here / name).as_posix() for name in files if name not in videos | pictures]
    return Survey(sorted(recordings), sorted(ignored))


def find_recordings(folder: Path) -> list[str]:
    """Names of all recordings under ``folder``: sorted paths relative to it, with "/".

    Raises:
        InputError: There is no such folder, or no recording in it.
    """
    found = survey(folder)
    if not found.recordings:
        known = ", ".join(suffix[1:] for suffix in SUFFIXES)
        hint = f"; {ignored_sentence(folder, found.ignored)}" if found.ignored else ""
        raise InputError(
            f"{folder} holds no recording ({known}, or a subfolder of pictures); put one there or run "
            f"`dvc pull data.dvc`{hint}"
        )
    return found.recordings


def ignored_sentence(folder: Path, ignored: list[str]) -> str:
    """One sentence on the files that are no recordings."""
    pictures = any(is_picture(name) for name in ignored)
    advice = "; pictures are read where a subfolder holds them and no video" if pictures else ""
    return f"{folder}: ignored what is no recording: {named(ignored)}{advice}"


def _is_recording(path: Path) -> bool:
    # A link to nothing is one too, so that it is told of as such; a pipe or a device would never end.
    return path.name.lower().endswith(SUFFIXES) and (is_regular(path) or not path.exists())
