"""``metrics.json`` of a gate: the measures of the camera that decide. ``metrics_full.json`` holds all of them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]


class _Typed(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class TestPictures(_Typed):
    """What it was measured on."""

    __test__ = False  # no test of pytest's

    total: int = Field(ge=1)
    of_class: dict[str, int] = Field(description="Normal frames, and abnormal pictures of sources not trained on")


class OfCamera(_Typed):
    """Under TFLite Micro, whose outputs are the camera's."""

    auroc: Share = Field(description="How often a normal frame scores higher than an abnormal picture")
    tpr_at_fpr_1: Share = Field(description="Normal frames that pass where 1 % of the abnormal pictures do")
    tpr_at_fpr_5: Share = Field(description="The same where 5 % of the abnormal pictures do")
    true_accept_rate: Share = Field(description="Normal frames that pass the chosen threshold")
    false_accept_rate: Share = Field(description="Abnormal pictures that pass the chosen threshold")
    auroc_ci_low: Share = Field(description="Of the 95 % interval")
    auroc_ci_high: Share = Field(description="Of the 95 % interval")


class Quantization(_Typed):
    """What int8 costs."""

    auroc_lost: float = Field(description="Negative where int8 is better")
    ci_low: float = Field(description="Of its paired 95 % interval")
    ci_high: float = Field(description="Of its paired 95 % interval")
    tpr_at_fpr_1_lost: float
    agreement: Share = Field(description="Pictures that get the same answer in float and in int8")


class Metrics(_Typed):
    """The content of ``metrics.json``."""

    test_frames: TestPictures
    tflite_micro: OfCamera
    quantization: Quantization
    stand_in: str | None = Field(
        default=None, exclude_if=lambda name: name is None, description="What ran in place of TFLite Micro, if anything"
    )


def short(full: dict[str, Any]) -> Metrics:
    """What ``metrics.json`` holds.

    Args:
        full: the content of ``metrics_full.json``.
    """
    return Metrics.model_validate(full)
