"""Self-supervised pretraining of the backbone."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat

from tinyinspect.config.section import Epochs, Section


class SslMethod(StrEnum):
    """Self-supervised methods, from lightly."""

    SIMCLR = "simclr"
    VICREG = "vicreg"


class Pretrain(Section):
    """Self-supervised pretraining of the backbone on all frames."""

    method: SslMethod = Field(description="Self-supervised method, from lightly")
    epochs: Epochs = Field(description="Passes over all frames; 0 skips pretraining")
    batch_size: Annotated[int, Field(ge=2)] = Field(description="Frames in a step, each in two views")
    learning_rate: PositiveFloat = Field(description="Highest rate of the one-cycle schedule")
    weight_decay: NonNegativeFloat = Field(description="Weight decay of the optimizer")
