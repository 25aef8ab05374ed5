"""Names of pictures that other tools get, and back: the frame is in the name, so labels find their way home."""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from tinyinspect.labelling.label_files import Place
from tinyinspect.selection.dataset import picture_name

PICTURES = "images"  # the folder beside the file of labels
_NAME = re.compile(r"^(?P<recording>.+)-(?P<frame>\d{6,})\.jpg$")
_UPLOADED = re.compile(r"/upload/.*/[0-9a-f]{8}-")  # Label Studio puts eight digits before the name of an upload


def name_of(place: Place) -> str:
    """The file name of a frame."""
    return picture_name(*place)


def place_of(path: str) -> Place | None:
    """The frame that a path or address of a picture names; None where it is none of ours."""
    if "?d=" in path:  # an address within Label Studio, in which the path is quoted
        path = unquote(path.split("?d=", 1)[1])
    name = PurePosixPath(_UPLOADED.sub("/", path).replace("\\", "/")).name
    found = _NAME.match(name)
    return (unquote(found["recording"]), int(found["frame"])) if found else None
