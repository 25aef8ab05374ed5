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

    method: SslMethod
    epochs: Epochs = Field(description="0 skips pretraining")
    batch_size: Annotated[int, Field(ge=2)]
    learning_rate: PositiveFloat
    weight_decay: NonNegativeFloat
