"""The sections ``task``, ``loss`` and ``decide`` of an anomaly gate."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat

from tinyinspect.config.section import ClassName, DecideSettings, Fraction, LossSettings, TaskSettings, distinct


class Task(TaskSettings):
    """An anomaly gate: whether a picture is like the normal ones."""

    name: Literal["gate"] = Field(description="Name of the task")
    normal_classes: Annotated[list[ClassName], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="The classes that the gate lets through; all others are abnormal"
    )
    embedding: Annotated[int, Field(ge=2)] = Field(
        description="Length of an embedding, the vector that the network makes of a picture"
    )
    packaged_crops: NonNegativeInt = Field(
        description="Abnormal pictures cut from each photo that comes with the installed packages"
    )
    rendered_objects: NonNegativeInt = Field(
        description="Abnormal pictures rendered of each kind of foreign object on the tray"
    )
    test_sources: list[str] | None = Field(
        description="Sources of abnormal pictures to test on, which are then never trained on; null draws them by the "
        "seed"
    )


class MetricLoss(StrEnum):
    """Losses for the embedding, all but the last from pytorch-metric-learning."""

    ARCFACE = "arcface"
    SUB_CENTER_ARCFACE = "sub_center_arcface"
    COSFACE = "cosface"
    PROXY_ANCHOR = "proxy_anchor"
    ONE_CLASS = "one_class"


class Targets(StrEnum):
    """What the embedding learns to distinguish."""

    NORMAL = "normal"  # normal from all that is not
    SOURCES = "sources"  # normal, and every source of abnormal pictures, from each other


class Loss(LossSettings):
    """Metric learning: the loss of the embedding, and how often it sees abnormal pictures."""

    name: MetricLoss = Field(description="Name of the loss, as in `conf/loss/`")
    targets: Targets = Field(
        description="What is distinguished: normal (normal from all else) or sources (also each abnormal source from "
        "the others)"
    )
    scale: PositiveFloat = Field(
        description="Factor by which the loss multiplies cosines; a larger one weighs the hard pictures more"
    )
    margin: NonNegativeFloat = Field(
        description="How far beyond the boundary a picture must lie: degrees for arcface and sub_center_arcface, else "
        "a cosine"
    )
    negatives_per_positive: PositiveFloat = Field(
        description="Abnormal pictures drawn per normal one; every source gives the same share"
    )
    label_smoothing: Fraction = Field(
        description="Share of the target that is spread over all targets, in the losses that end in a softmax; 0 "
        "turns it off"
    )


class Decide(DecideSettings):
    """The threshold, chosen on sources that were not trained on."""

    false_accept_rate: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="Share of the abnormal validation pictures that may pass; the threshold is set for it"
    )


def check(params: Any) -> None:
    """Refuse a whole ``params.yaml`` that this task cannot use.

    Raises:
        ValueError: A normal class is none of the classes.
    """
    for name in params.task.normal_classes:
        if name not in params.data.classes:
            known = ", ".join(params.data.classes)
            raise ValueError(f"task.normal_classes names '{name}', which is not in data.classes ({known}); correct it")
