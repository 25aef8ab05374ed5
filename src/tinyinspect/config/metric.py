"""Metric learning."""

from enum import StrEnum

from pydantic import Field, NonNegativeFloat, PositiveFloat

from tinyinspect.config.section import Section


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


class Metric(Section):
    """Metric learning."""

    loss: MetricLoss
    targets: Targets
    scale: PositiveFloat = Field(description="Of the cosines")
    margin: NonNegativeFloat = Field(description="Degrees of angle for arcface, else of cosine")
    negatives_per_positive: PositiveFloat = Field(
        description="Abnormal pictures drawn for each normal one, every source alike"
    )
