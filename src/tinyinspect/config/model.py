"""What a network is made of."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from tinyinspect.config.section import Section


class ResNet9Settings(Section):
    """ResNet-9 classifier."""

    architecture: Literal["resnet9"]
    input_size: Annotated[int, Field(ge=16, le=256)] = Field(description="Pixels, square")
    stem_stride: Literal[1, 2]
    stem_kernel: Literal[3, 5]
    channels: Annotated[list[PositiveInt], Field(min_length=4, max_length=4)] = Field(description="Of the four blocks")
    convolutions: Annotated[list[Annotated[int, Field(ge=0, le=3)]], Field(min_length=4, max_length=4)] = Field(
        description="A block's 3x3"
    )
    residual: Annotated[list[bool], Field(min_length=4, max_length=4)] = Field(
        description="Whether a block has a shortcut"
    )
    features: PositiveInt = Field(description="Channels of the 1x1 convolution before pooling")


class InitialWeights(StrEnum):
    """What a network starts from, before any pretraining of our own."""

    IMAGENET = "imagenet"  # torchvision's, for width 1 alone
    RANDOM = "random"


class MobileNetV2MetricSettings(Section):
    """MobileNetV2 that gives an embedding, for the anomaly gate."""

    architecture: Literal["mobilenetv2_metric"]
    input_size: Annotated[int, Field(ge=32, le=256, multiple_of=32)] = Field(description="Pixels, square")
    width: Annotated[float, Field(gt=0, le=2)] = Field(description="Multiplier of the channels")
    last_channels: PositiveInt = Field(description="Of the last convolution, before pooling")
    embedding: Annotated[int, Field(ge=2)] = Field(description="Numbers")
    weights: InitialWeights


Model = Annotated[ResNet9Settings | MobileNetV2MetricSettings, Field(discriminator="architecture")]
