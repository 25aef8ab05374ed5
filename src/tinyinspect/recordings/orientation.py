"""How a stored picture must be turned or mirrored to be seen upright, as phones write it beside their pictures."""

from collections.abc import Iterator
from struct import unpack
from typing import NamedTuple

from av import VideoFrame

_ONE = 0x10000  # 1.0 in a display matrix


class Matrix(NamedTuple):
    """What becomes of a point: (x, y) is shown at (a x + c y, b x + d y)."""

    a: float
    b: float
    c: float
    d: float


UPRIGHT = Matrix(1, 0, 0, 1)
_QUARTERS = (UPRIGHT, Matrix(0, -1, 1, 0), Matrix(-1, 0, 0, -1), Matrix(0, 1, -1, 0))  # counterclockwise


def matrix_of(picture: VideoFrame) -> Matrix:
    """The display matrix of a picture, to the nearest quarter turn."""
    try:
        stored = picture.side_data.get("DISPLAYMATRIX")
    except ValueError:  # PyAV does not know a kind of data beside it; the angle it still tells
        return _QUARTERS[round(picture.rotation / 90) % 4]
    if stored is None:
        return UPRIGHT
    a, b, _, c, d, *_ = unpack("<9i", bytes(stored))  # type: ignore[call-overload]  # PyAV's types lack it
    return Matrix(*(round(value / _ONE) for value in (a, b, c, d)))


def lies_on_its_side(matrix: Matrix) -> bool:
    """Whether width and height change places."""
    return abs(matrix.b) > abs(matrix.a)


def turns(matrix: Matrix) -> Iterator[tuple[str, str | None]]:
    """FFmpeg's filters, with their arguments, that show a stored picture upright."""
    across, down = matrix.a, matrix.d
    if lies_on_its_side(matrix):
        yield "transpose", "cclock_flip"  # x and y change places
        across, down = matrix.c, matrix.b
    if across < 0:
        yield "hflip", None
    if down < 0:
        yield "vflip", None
