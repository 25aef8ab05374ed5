"""Supervised training."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from tinyinspect.config.section import Fraction, Section


class Optimizer(StrEnum):
    """From torch.optim, with a one-cycle rate."""

    ADAMW = "adamw"
    SGD = "sgd"  # with Nesterov's momentum


class Train(Section):
    """Supervised training."""

    optimizer: Optimizer
    epochs: PositiveInt = Field(description="Of the gate, one epoch sees each normal frame once")
    batch_size: Annotated[int, Field(ge=2)]
    learning_rate: PositiveFloat
    weight_decay: NonNegativeFloat
    validation_fraction: Annotated[float, Field(gt=0, lt=1)]
    label_smoothing: Fraction = Field(description="Where the loss ends in a softmax")
    ema_decay: Annotated[float, Field(ge=0, lt=1)]
    min_scale: Annotated[float, Field(gt=0, le=1)] = Field(description="Smallest cropped area, as a part of the frame")
    rotation: NonNegativeFloat = Field(description="Degrees, either way")
    colour_jitter: Fraction
    noise: NonNegativeFloat = Field(description="Standard deviation, pixels in [0, 1]")
    device: Literal["auto", "cpu", "cuda"]
