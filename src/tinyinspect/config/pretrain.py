"""Self-supervised pretraining of the backbone."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from tinyinspect.config.section import Epochs, Section


class SslMethod(StrEnum):
    """Self-supervised methods: two from lightly, and learning a teacher's embeddings."""

    SIMCLR = "simclr"
    VICREG = "vicreg"
    DISTILL = "distill"


class Pretrain(Section):
    """Self-supervised pretraining of the backbone on all frames."""

    method: SslMethod = Field(description="simclr or vicreg, from lightly; distill learns the teacher's embeddings")
    frames: Annotated[int, Field(ge=2)] | None = Field(
        description="Frames to pretrain on, evenly spread; null takes all"
    )
    epochs: Epochs = Field(description="Passes over these frames; 0 skips pretraining")
    batch_size: Annotated[int, Field(ge=2)] = Field(description="Frames in a step")
    learning_rate: PositiveFloat = Field(description="Highest rate of the one-cycle schedule")
    weight_decay: NonNegativeFloat = Field(description="Weight decay of the optimizer")
    processes: PositiveInt = Field(
        description="Processes that share each step: each takes a GPU, or all the CPU. Their number changes the weights"
    )
