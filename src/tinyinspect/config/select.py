"""Which frames to label, and which to test on."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt

from tinyinspect.config.section import Section


class SplitBy(StrEnum):
    """How test frames are kept away from training frames."""

    RECORDING = "recording"
    TIME_GAP = "time_gap"


class Method(StrEnum):
    """How training frames are chosen."""

    TYPICAL = "typical"
    CORESET = "coreset"
    RANDOM = "random"


class Select(Section):
    """Which frames to label, and which to test on."""

    train_frames: PositiveInt = Field(
        description="Training frames wanted; those without a label are listed for labelling"
    )
    test_frames: PositiveInt = Field(description="Test frames wanted, in the same way; a test set that was drawn stays")
    method: Method = Field(
        description="How training frames are chosen: typical (those that stand for many others), coreset (as different "
        "as possible) or random"
    )
    min_gap: NonNegativeFloat = Field(
        description="Shortest time between two training frames of one recording that are chosen, in seconds"
    )
    split: SplitBy = Field(
        description="What keeps test frames apart from training frames: recording (whole recordings) or time_gap"
    )
    honour_annotated_split: bool = Field(
        description="Whether a column `split` in the annotations wins over the parameter `split`"
    )
    test_recordings: list[str] | None = Field(
        description="With split=recording: the recordings to test on; null draws them"
    )
    time_gap: NonNegativeFloat = Field(
        description="With split=time_gap: shortest time between a test and a training frame of one recording, in "
        "seconds"
    )
    near_duplicate_bits: Annotated[int, Field(ge=0, le=64)] = Field(
        description="Two frames whose 64-bit hashes differ in at most this many bits are never in both sets"
    )
    typicality: NonNegativeFloat = Field(
        description="With method=coreset: weight of typical frames (against outliers), where diversity weighs 1"
    )
    class_balance: NonNegativeFloat = Field(
        description="With method=coreset: weight of equally many frames of each class, where diversity weighs 1; it "
        "needs annotations"
    )
    preselected: str | None = Field(
        description="CSV file with columns video and frame: frames that must be among the training frames; null: none"
    )
