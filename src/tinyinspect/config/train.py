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

    optimizer: Optimizer = Field(description="adamw or sgd (with Nesterov's momentum), with a one-cycle rate")
    epochs: PositiveInt = Field(description="Passes over the training frames (for a gate, over the normal ones)")
    batch_size: Annotated[int, Field(ge=2)] = Field(description="Pictures in a step")
    learning_rate: PositiveFloat = Field(description="Highest rate of the one-cycle schedule")
    weight_decay: NonNegativeFloat = Field(description="Weight decay of the optimizer")
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = Field(
        description="Decay of the moving average of the weights, which is what is kept; 0 keeps the weights themselves"
    )
    min_scale: Annotated[float, Field(gt=0, le=1)] = Field(description="Smallest crop, as a part of the frame's area")
    rotation: NonNegativeFloat = Field(description="Largest rotation either way, in degrees")
    colour_jitter: Fraction = Field(description="Largest relative change of brightness, contrast and saturation")
    noise: NonNegativeFloat = Field(description="Standard deviation of the added noise, for pixels in [0, 1]")
    device: Literal["auto", "cpu", "cuda"] = Field(description="Where to train; auto takes a GPU where there is one")
