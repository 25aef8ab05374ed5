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

    leds: list[Led] = Field(
        description="LED colour of each class, in the order of data.classes; extra entries are ignored"
    )
    known_led: Led = Field(description="LED colour of a gate that runs alone, for a picture like the normal ones")
    unknown_led: Led = Field(description="LED colour of a gate, alone or before a classifier, for any other picture")
    debounce_frames: PositiveInt = Field(
        description="Frames in a row that must agree before the LED shows their answer"
    )
    frame_size: FrameSize = Field(
        description="Size of the sensor's frame: QQVGA (160x120), QVGA (320x240) or VGA (640x480); the model sees its "
        "middle square"
    )
    max_dropped_frames: PositiveInt = Field(
        description="Frames in a row that the image sensor may drop before the program stops with an error"
    )
    record_seconds: PositiveInt = Field(description="Length of a clip that record.py writes, in seconds")
    collect_frames: PositiveInt = Field(description="Unsure frames in a clip that collect.py writes")
    collect_gate_margin: Fraction = Field(
        description="collect.py saves a gate's frame if its similarity (cosine) is at most this far from the threshold"
    )
    collect_interval_ms: Annotated[int, Field(ge=0)] = Field(
        description="Shortest time between two frames that collect.py saves, in milliseconds"
    )
    collect_led: Led = Field(description="LED colour while collect.py saves a frame")
    jpeg_quality: Annotated[int, Field(ge=1, le=100)] = Field(description="JPEG quality of recorded clips; 100 is best")
    sync_frames: PositiveInt = Field(
        description="Frames after which a clip is synced to the drive; a power cut loses at most these"
    )
    spare_kb: PositiveInt = Field(description="Space that recording leaves free on the drive, in kB")
    check_frames: PositiveInt = Field(
        description="Test frames that the bundle carries, to compare the board's outputs with the host's"
    )
