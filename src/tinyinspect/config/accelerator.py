"""What the int8 file is compiled for, beside the board's core."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, NonNegativeInt

from tinyinspect.config.section import Section


class AcceleratorName(StrEnum):
    """The accelerators described in ``conf/accelerator/``."""

    NONE = "none"
    ETHOS_U55 = "ethos_u55"
    NEURAL_ART = "neural_art"


class Accelerator(Section):
    """What the int8 file is compiled for, beside the board's core."""

    name: AcceleratorName = Field(description="The processor that runs the network: none is the board's own core")
    configuration: str | None = Field(
        description="Vela's name of the NPU, with its multiply-accumulates per cycle, as in ethos-u55-256"
    )
    system: str | None = Field(
        description="The [System_Config] of vela.ini that describes the board's clock and memories"
    )
    memory: str | None = Field(
        description="The [Memory_Mode] of vela.ini that says what is kept in flash and what in SRAM"
    )
    optimise: Literal["Performance", "Size"] | None = Field(
        description="What Vela optimises for: Performance (speed) or Size (less SRAM)"
    )
    profile: str | None = Field(
        description="Of neural_art alone: OpenMV's neuralart.json, which tells ST's compiler the memories; null: the "
        "one that OpenMV IDE keeps beside its stedgeai"
    )
    max_cpu_operators: NonNegativeInt = Field(
        description="Operators that Vela may leave to the core; with more, `verify` refuses the model"
    )
