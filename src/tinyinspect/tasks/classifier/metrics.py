"""``metrics.json`` of a classifier: the measures of the camera that decide. ``metrics_full.json`` holds all of them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
_BASELINES = ("training_frames", "linear_full_size", "linear_camera_view")


class _Typed(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class TestFrames(_Typed):
    """What it was measured on."""

    __test__ = False  # no test of pytest's

    total: int = Field(ge=1)


class TrainFrames(_Typed):
    """What it was trained on."""

    total: int = Field(ge=1)


class Accuracy(_Typed):
    """Of all frames, and the mean over the classes."""

    accuracy: Share
    balanced_accuracy: Share


class OfCamera(_Typed):
    """Under TFLite Micro, whose outputs are the camera's."""

    accuracy: Share
    accuracy_ci_low: Share = Field(description="Of the 95 % interval")
    accuracy_ci_high: Share = Field(description="Of the 95 % interval")
    balanced_accuracy: Share
    recall: dict[str, Share] = Field(description="By class")


class Quantization(_Typed):
    """What int8 costs."""

    accuracy_lost_points: float = Field(description="Points of accuracy, of 100; negative where int8 is better")
    ci_low: float = Field(description="Of its paired 95 % interval")
    ci_high: float = Field(description="Of its paired 95 % interval")
    mcnemar_p: Share = Field(description="That chance alone makes such a difference")
    agreement: Share = Field(description="Frames that get the same answer in float and in int8")


class Constant(Accuracy):
    """What always giving the commonest class gets."""

    model_config = ConfigDict(extra="ignore", frozen=True, serialize_by_alias=True)

    answer: str = Field(alias="class", description="The commonest class")


class OfLimits(_Typed):
    """What the camera's score limits do to the test frames."""

    counted: Share = Field(description="Frames whose score counts")
    error_rate: Share = Field(description="Wrong answers among these")
    unsure: Share = Field(description="Frames that are collected as unsure")
    wrong_that_are_unsure: Share = Field(description="Of all wrong answers")


class Metrics(_Typed):
    """The content of ``metrics.json``."""

    test_frames: TestFrames
    train_frames: TrainFrames | None = Field(
        default=None, exclude_if=lambda frames: frames is None, description="Not in files of 0.2.0 and before"
    )
    tflite_micro: OfCamera
    quantization: Quantization
    constant_answer: Constant
    decision: OfLimits
    baselines: dict[str, Accuracy] = Field(description="Measures to compare with, by name")
    stand_in: str | None = Field(
        default=None, exclude_if=lambda name: name is None, description="What ran in place of TFLite Micro, if anything"
    )


def short(full: dict[str, Any]) -> Metrics:
    """What ``metrics.json`` holds.

    Args:
        full: the content of ``metrics_full.json``.
    """
    baselines = {name: full["baselines"][name] for name in _BASELINES if name in full["baselines"]}
    return Metrics.model_validate(full | {"baselines": baselines})
