"""The sections ``task``, ``loss`` and ``decide`` of an anomaly gate."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, model_validator

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
    camera_faults: NonNegativeInt = Field(
        description="Abnormal pictures of each kind of camera fault, in each split, made of its normal frames; 0 makes "
        "none"
    )
    hard_negatives: NonNegativeInt = Field(
        description="Abnormal pictures of each kind that is near the normal frames, in each split, made of them; 0 "
        "makes none"
    )
    centroids: Annotated[int, Field(ge=1, le=4)] = Field(
        description="Mean embeddings of groups of normal frames; a picture is compared with the nearest"
    )
    frame_test: bool = Field(
        description="Whether brightness, colours and edges of the whole frame lower the similarity of one whose "
        "numbers no normal frame has"
    )
    folds: Annotated[int, Field(ge=2)] = Field(
        description="Parts into which the normal frames and the kinds made of them are cut; a network trained without "
        "a part scores it, for `decide`"
    )
    fold_epochs: Fraction = Field(description="Epochs for which these networks are trained, as a share of train.epochs")
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
    """The threshold, chosen on frames and sources that were not trained on, for one of two error rates."""

    false_accept_rate: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        description="Share of the abnormal validation pictures that may pass; the threshold is set for it. null where "
        "false_reject_rate is given"
    )
    false_reject_rate: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        description="Share of the held-out normal frames that may be refused; the threshold is set for it. null where "
        "false_accept_rate is given"
    )

    @model_validator(mode="after")
    def _one_rate(self) -> Self:
        if (self.false_accept_rate is None) is (self.false_reject_rate is None):
            raise ValueError(
                "give one of decide.false_accept_rate and decide.false_reject_rate, and null for the other"
            )
        return self


def check(params: Any) -> None:
    """Refuse a whole ``params.yaml`` that this task cannot use.

    Raises:
        ValueError: A normal class is none of the classes.
    """
    for name in params.task.normal_classes:
        if name not in params.data.classes:
            known = ", ".join(params.data.classes)
            raise ValueError(f"task.normal_classes names '{name}', which is not in data.classes ({known}); correct it")
