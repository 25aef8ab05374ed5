"""The section ``model`` of a MobileNetV2."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from tinyinspect.config.section import ModelSettings


class InitialWeights(StrEnum):
    """What a network starts from, before any pretraining here."""

    IMAGENET = "imagenet"
    RANDOM = "random"


class Model(ModelSettings):
    """A MobileNetV2 whose last convolution and head are replaced."""

    architecture: Literal["mobilenetv2_metric"] = Field(description="Name of the architecture")
    input_size: Annotated[int, Field(ge=32, le=256, multiple_of=32)] = Field(
        description="Side of the square input, in pixels"
    )
    width: Annotated[float, Field(gt=0, le=2)] = Field(
        description="Factor of the published numbers of channels; a smaller one costs less"
    )
    last_channels: PositiveInt = Field(description="Channels of the last convolution, before pooling")
    weights: InitialWeights = Field(
        description="Weights to start from: imagenet (torchvision's, only for width 1) or random"
    )
