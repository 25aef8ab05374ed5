"""What the readers of all kinds of recordings have in common: how a recording is coded, and one picture of it."""

from dataclasses import dataclass
from enum import StrEnum

from av import VideoFrame

ASSUMED_RATE = 25.0  # frames a second where a recording says nothing
NO_TIMES = "holds no timestamps"


class Kind(StrEnum):
    """How a recording lies on the disk."""

    VIDEO = "video"  # a container that FFmpeg's libraries read
    IMAGEIO = "imageio"  # a stream of OpenMV's image.ImageIO
    PICTURES = "pictures"  # a folder of pictures


@dataclass(frozen=True, slots=True)
class Stream:
    """How the pictures of a recording are coded; ``width`` and ``height`` in pixels, as they are shown."""

    kind: Kind
    codec: str
    width: int
    height: int
    copies: bool = True  # whether its JPEG files can be copied as they are
    rate: float = ASSUMED_RATE  # frames a second that times are repaired by
    untimed: str = ""  # why its times are assumed; empty where it has its own

    @property
    def timed(self) -> bool:
        """Whether the recording holds times or a frame rate of its own."""
        return not self.untimed


@dataclass(frozen=True, slots=True)
class Part:
    """Some packets of a recording, one frame each, that decode without those before them; times by its own clock."""

    first: int  # number of the first packet, which is that of the first frame
    packets: int
    begin: int  # time of the first packet's frame, in ticks of the recording
    origin: float  # seconds of the recording's first frame
    before: float | None  # seconds of the last frame before the part; None where there is none
    last: float  # seconds of the part's last frame


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture as it comes from a recording: a JPEG file to copy, or decoded pixels."""

    number: int  # in the recording as filmed, from 0 in decode order
    time: float | None  # seconds by the recording's own clock, None where it has no time
    picture: bytes | VideoFrame


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as a JPEG file."""

    number: int  # in the recording as filmed, from 0 in decode order
    time: float  # seconds from the first frame of the recording
    jpeg: bytes  # empty where the picture cannot be read
