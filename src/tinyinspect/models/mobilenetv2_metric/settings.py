"""The section ``model`` of a MobileNetV2."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from tinyinspect.config.section import ModelSettings


class InitialWeights(StrEnum):
    """What a network starts from, before any pretraining of our own."""

    IMAGENET = "imagenet"
    RANDOM = "random"


class Model(ModelSettings):
    """A MobileNetV2 with its last convolution and its head made anew."""

    architecture: Literal["mobilenetv2_metric"]
    input_size: Annotated[int, Field(ge=32, le=256, multiple_of=32)] = Field(
        description="Side of the square input, in pixels"
    )
    width: Annotated[float, Field(gt=0, le=2)] = Field(description="Multiplier of the channels")
    last_channels: PositiveInt = Field(description="Channels of the last convolution, before pooling")
    weights: InitialWeights = Field(
        description="Weights to start from: imagenet (torchvision's, width 1 alone) or random"
    )
