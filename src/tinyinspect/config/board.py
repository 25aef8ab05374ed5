"""The camera that the model must run on."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from tinyinspect.config.section import Section


class BoardName(StrEnum):
    """The boards described in ``conf/board/``."""

    OPENMV_M7 = "openmv_m7"
    OPENMV_H7 = "openmv_h7"
    OPENMV_H7_PLUS = "openmv_h7_plus"
    OPENMV_RT1062 = "openmv_rt1062"
    OPENMV_AE3 = "openmv_ae3"
    OPENMV_N6 = "openmv_n6"
    NICLA_VISION = "nicla_vision"
    PORTENTA_H7 = "portenta_h7"
    ARDUINO_GIGA = "arduino_giga"


class Npu(StrEnum):
    """Neural processors that run a network in place of the board's core."""

    ETHOS_U55 = "ethos_u55"  # Arm's; compiled for by Vela
    NEURAL_ART = "neural_art"  # ST's; compiled for by stedgeai, or by OpenMV IDE


class Cpu(StrEnum):
    """Cores that a board's program runs on."""

    CORTEX_M7 = "cortex_m7"  # the core that the operator costs were counted on
    CORTEX_M55 = "cortex_m55"


class Board(Section):
    """The camera that the model must run on."""

    name: BoardName = Field(description="Name of the board, as in `conf/board/`")
    title: str = Field(description="The board as its maker calls it")
    cpu: Cpu = Field(
        description="The core that runs the program: cortex_m7 (operator costs were counted on it) or cortex_m55"
    )
    npu: Npu | None = Field(
        description="The neural processor that can run the network: ethos_u55, neural_art or null (none)"
    )
    mhz: PositiveInt = Field(description="Clock of the core, in MHz")
    cycles_per_instruction: PositiveFloat | None = Field(
        description="Assumed cycles per instruction, to turn instructions into milliseconds; null: no time is given"
    )
    heap_blocks: Annotated[list[PositiveInt], Field(min_length=1)] = Field(
        description="Free heap in bytes, block by block, largest first; the arena must fit one block"
    )
    romfs_bytes: Annotated[int, Field(ge=0)] = Field(
        description="Size of ROMFS in bytes, the part of the flash from which a model is used in place; 0: none"
    )
    frame_bytes: PositiveInt = Field(
        description="Memory in bytes for frame buffers, and for models that do not fit the heap"
    )
    firmware: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")] = Field(
        description="Version of OpenMV's firmware that the model is judged for, as in 5.0.0"
    )
