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

    optimizer: Optimizer = Field(description="Optimizer; sgd has Nesterov's momentum")
    epochs: PositiveInt = Field(description="Passes over the training frames; for a gate, over the normal ones")
    batch_size: Annotated[int, Field(ge=2)] = Field(description="Pictures in a step")
    learning_rate: PositiveFloat = Field(description="Highest rate of the one-cycle schedule")
    weight_decay: NonNegativeFloat = Field(description="Weight decay of the optimizer")
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = Field(
        description="Decay of the moving average of the weights, which are kept; 0 keeps the weights themselves"
    )
    min_scale: Annotated[float, Field(gt=0, le=1)] = Field(
        description="Smallest crop of a frame, as a share of its area"
    )
    rotation: NonNegativeFloat = Field(description="Largest rotation either way, in degrees")
    colour_jitter: Fraction = Field(description="Largest relative change of brightness, contrast and saturation")
    noise: NonNegativeFloat = Field(description="Standard deviation of the noise added to pixels, which lie in [0, 1]")
    device: Literal["auto", "cpu", "cuda"] = Field(
        description="Where networks run in training and embedding; auto takes a GPU if there is one"
    )
