"""The program on the camera."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, PositiveInt

from tinyinspect.config.section import Fraction, Section


class Led(StrEnum):
    """Colours that the board's red, green and blue LEDs make together."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    CYAN = "cyan"
    MAGENTA = "magenta"
    WHITE = "white"


class FrameSize(StrEnum):
    """The image sensor's frame, of which the model sees the middle square."""

    QQVGA = "QQVGA"  # 160x120
    QVGA = "QVGA"  # 320x240
    VGA = "VGA"  # 640x480


class App(Section):
    """The program on the camera."""

    leds: list[Led] = Field(description="The colour of each class, in their order; spare ones are no matter")
    known_led: Led = Field(description="Of a gate alone: a picture like the normal ones")
    unknown_led: Led = Field(description="Of a gate, alone or before a classifier: no such picture")
    debounce_frames: PositiveInt = Field(
        description="So many frames of a class, known or unknown in a row, and it is shown"
    )
    frame_size: FrameSize
    max_dropped_frames: PositiveInt = Field(description="In a row, then the image sensor is given up")
    record_seconds: PositiveInt = Field(description="Length of a clip")
    collect_frames: PositiveInt = Field(description="Unsure frames in a clip")
    collect_gate_margin: Fraction = Field(
        description="A frame whose similarity is this near to the threshold is one the gate is unsure of"
    )
    collect_interval_ms: Annotated[int, Field(ge=0)] = Field(description="Least time between two unsure frames")
    collect_led: Led = Field(description="Shown when one is saved")
    jpeg_quality: Annotated[int, Field(ge=1, le=100)] = Field(description="Of recorded clips")
    sync_frames: PositiveInt = Field(description="After so many, a clip is made safe against a power cut")
    spare_kb: PositiveInt = Field(description="What recording leaves free on the drive")
    check_frames: PositiveInt = Field(description="Test frames in the bundle, to compare the board with the host")
