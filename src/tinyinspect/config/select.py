"""Which frames to label, and which to test on."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from tinyinspect.config.section import Section


class SplitBy(StrEnum):
    """How test frames are kept away from training frames."""

    RECORDING = "recording"
    TIME_GAP = "time_gap"


class Select(Section):
    """Which frames to label, and which to test on."""

    train_frames: PositiveInt = Field(description="Wanted to train on; what has no label is listed to label")
    test_frames: PositiveInt = Field(description="Wanted to test on, in the same way; a drawn test set stays")
    method: Literal["coreset", "random"]
    split: SplitBy
    honour_annotated_split: bool = Field(description="Where annotations give a split, it wins over `split`")
    test_recordings: list[str] | None = Field(description="For split=recording; null draws them")
    time_gap: NonNegativeFloat = Field(description="Seconds between a test and a training frame of one recording")
    near_duplicate_bits: Annotated[int, Field(ge=0, le=64)] = Field(
        description="Frames this close may not stand in both sets"
    )
    typicality: NonNegativeFloat = Field(description="Weight against diversity's 1")
    class_balance: NonNegativeFloat = Field(
        description="Weight against diversity's 1, over the frames already annotated"
    )
    preselected: str | None = Field(description="CSV (video, frame) of frames that must be in the training set")
