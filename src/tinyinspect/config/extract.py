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

    fps: PositiveFloat | None = Field(description="Frames per second to keep; null keeps every frame")
    crop: tuple[NonNegativeInt, NonNegativeInt, PositiveInt, PositiveInt] | None = Field(
        description="X, y, width, height in pixels"
    )
    near_duplicate_bits: Annotated[int, Field(ge=0, le=64)] | None = Field(
        description="Drop a frame this close to the last one kept"
    )
    min_sharpness: NonNegativeFloat = Field(description="Variance of the Laplacian; 0 keeps all")
    quality: bool = Field(description="Compute sharpness and hash (the two filters above need it)")
    jpeg_qscale: Annotated[int, Field(ge=2, le=31)] = Field(
        description="Ffmpeg's -q:v for what is not Motion-JPEG; 2 is best"
    )
    max_megapixels: PositiveFloat = Field(
        description="Of a picture; one of 16,000 x 16,000 takes more than a gigabyte of memory"
    )
    bad_recording: BadRecording
