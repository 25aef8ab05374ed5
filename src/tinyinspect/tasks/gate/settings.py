"""The sections ``task``, ``loss`` and ``decide`` of an anomaly gate."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat

from tinyinspect.config.section import ClassName, DecideSettings, Fraction, LossSettings, TaskSettings, distinct


class Task(TaskSettings):
    """An anomaly gate: whether a picture is like the normal ones."""

    name: Literal["gate"]
    normal_classes: Annotated[list[ClassName], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="The classes that the gate lets through"
    )
    embedding: Annotated[int, Field(ge=2)] = Field(description="Numbers in an embedding")
    packaged_crops: NonNegativeInt = Field(description="Crops of each photo that comes with the installed packages")
    rendered_objects: NonNegativeInt = Field(
        description="Pictures of each kind of foreign object on the simulated tray"
    )
    test_sources: list[str] | None = Field(description="Abnormal sources to test on; null draws them by the seed")


class MetricLoss(StrEnum):
    """Losses for the embedding, all but the last from pytorch-metric-learning."""

    ARCFACE = "arcface"
    SUB_CENTER_ARCFACE = "sub_center_arcface"
    COSFACE = "cosface"
    PROXY_ANCHOR = "proxy_anchor"
    ONE_CLASS = "one_class"


class Targets(StrEnum):
    """What the embedding learns to tell apart."""

    NORMAL = "normal"  # normal from all that is not
    SOURCES = "sources"  # normal, and every source of abnormal pictures, from each other


class Loss(LossSettings):
    """Metric learning: the loss of the embedding, and how often it sees abnormal pictures."""

    name: MetricLoss = Field(description="Loss: arcface, sub_center_arcface, cosface, proxy_anchor or one_class")
    targets: Targets = Field(description="normal: normal against all else; sources: every abnormal source apart too")
    scale: PositiveFloat = Field(description="Factor of the cosines")
    margin: NonNegativeFloat = Field(description="Margin: degrees of angle for arcface, else a cosine")
    negatives_per_positive: PositiveFloat = Field(
        description="Abnormal pictures drawn for each normal one, every source alike"
    )
    label_smoothing: Fraction = Field(description="For losses that end in a softmax: share spread over all targets")


class Decide(DecideSettings):
    """The threshold, chosen on sources that were not trained on."""

    false_accept_rate: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="Share of abnormal pictures of validation that may pass; sets the threshold"
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
