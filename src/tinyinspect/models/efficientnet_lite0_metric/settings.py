"""The section ``model`` of an EfficientNet-Lite0."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from tinyinspect.config.section import ModelSettings


class InitialWeights(StrEnum):
    """What a network starts from, before any pretraining here."""

    PACKAGED = "packaged"
    RANDOM = "random"


class Model(ModelSettings):
    """An EfficientNet-Lite0 whose head is replaced."""

    architecture: Literal["efficientnet_lite0_metric"] = Field(description="Name of the architecture")
    input_size: Annotated[int, Field(ge=32, le=256, multiple_of=32)] = Field(
        description="Side of the square input, in pixels"
    )
    weights: InitialWeights = Field(
        description="Weights to start from: packaged (ImageNet's, from a package of requirements.txt) or random"
    )
