"""What the int8 file is compiled for, beside the board's core."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, NonNegativeInt

from tinyinspect.config.section import Section


class AcceleratorName(StrEnum):
    """The accelerators described in ``conf/accelerator/``."""

    NONE = "none"
    ETHOS_U55 = "ethos_u55"


class Accelerator(Section):
    """What the int8 file is compiled for, beside the board's core."""

    name: AcceleratorName
    configuration: str | None = Field(description="Of Vela: the NPU and its multiply-accumulates a cycle")
    system: str | None = Field(description="A [System_Config] of vela.ini: clock and memories of the board")
    memory: str | None = Field(description="A [Memory_Mode] of vela.ini: what lies in flash and what in SRAM")
    optimise: Literal["Performance", "Size"] | None = Field(description="What Vela optimises for")
    max_cpu_operators: NonNegativeInt = Field(
        description="Operators that may be left to the core before `verify` refuses the model"
    )
