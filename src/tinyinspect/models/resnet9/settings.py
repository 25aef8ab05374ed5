"""The section ``model`` of a ResNet-9."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from tinyinspect.config.section import ModelSettings


class Model(ModelSettings):
    """A ResNet-9: a stem, four blocks of 3x3 convolutions and a 1x1 convolution before pooling."""

    architecture: Literal["resnet9"] = Field(description="Name of the architecture")
    input_size: Annotated[int, Field(ge=16, le=256)] = Field(description="Side of the square input, in pixels")
    stem_stride: Literal[1, 2] = Field(
        description="Stride of the first convolution; the network costs about a quarter with 2"
    )
    stem_kernel: Literal[3, 5] = Field(description="Side of the first convolution's kernel, in pixels")
    channels: Annotated[list[PositiveInt], Field(min_length=4, max_length=4)] = Field(
        description="Channels of the four blocks"
    )
    convolutions: Annotated[list[Annotated[int, Field(ge=0, le=3)]], Field(min_length=4, max_length=4)] = Field(
        description="3x3 convolutions of each of the four blocks; only the first block may have 0"
    )
    residual: Annotated[list[bool], Field(min_length=4, max_length=4)] = Field(
        description="Whether each of the four blocks has a shortcut (an addition)"
    )
    features: PositiveInt = Field(description="Channels of the 1x1 convolution before pooling")

    @model_validator(mode="after")
    def _survives_its_strides(self) -> Self:
        strides = self.stem_stride * 8
        if not all(self.convolutions[1:]):
            raise ValueError(f"model.convolutions is {self.convolutions}; only the first block may have none")
        if self.input_size % strides:
            raise ValueError(f"model.input_size is {self.input_size}; this network needs a multiple of {strides}")
        return self
