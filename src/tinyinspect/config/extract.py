"""From recordings to frames."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from tinyinspect.config.section import Section


class BadRecording(StrEnum):
    """What ``extract`` does with a recording it cannot read among good ones."""

    SKIP = "skip"
    REFUSE = "refuse"


class Extract(Section):
    """From recordings to frames."""

    fps: PositiveFloat | None = Field(description="Frames to keep per second of recording; null keeps every frame")
    crop: tuple[NonNegativeInt, NonNegativeInt, PositiveInt, PositiveInt] | None = Field(
        description="Part of the frame to keep, as [x, y, width, height] in pixels; null keeps all of it"
    )
    near_duplicate_bits: Annotated[int, Field(ge=0, le=64)] | None = Field(
        description="Drop a frame whose 64-bit hash differs from the last kept one in at most so many bits; null "
        "drops none"
    )
    min_sharpness: NonNegativeFloat = Field(
        description="Drop a frame that is less sharp than this (variance of the Laplacian); 0 keeps all"
    )
    quality: bool = Field(
        description="Whether to measure sharpness and hash of every frame, which near_duplicate_bits and "
        "min_sharpness need"
    )
    jpeg_qscale: Annotated[int, Field(ge=2, le=31)] = Field(
        description="FFmpeg's -q:v for frames that are encoded anew; 2 is best. Motion-JPEG is copied as it is"
    )
    max_megapixels: PositiveFloat = Field(
        description="Largest picture that is read, in megapixels; one of 16,000 x 16,000 takes more than a gigabyte "
        "of memory"
    )
    bad_recording: BadRecording = Field(
        description="A recording that cannot be read: skip leaves it out with a warning, refuse stops the run"
    )
