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
    NEURAL_ART = "neural_art"  # ST's; compiled for by OpenMV IDE


class Cpu(StrEnum):
    """Cores that a board's program runs on."""

    CORTEX_M7 = "cortex_m7"  # the core that the operator costs were counted on
    CORTEX_M55 = "cortex_m55"


class Board(Section):
    """The camera that the model must run on."""

    name: BoardName
    title: str
    cpu: Cpu = Field(description="The core that the program runs on; operator costs were counted on a Cortex-M7")
    npu: Npu | None = Field(description="The neural processor beside it")
    mhz: PositiveInt
    cycles_per_instruction: PositiveFloat | None = Field(
        description="Assumed, to make milliseconds of counted instructions; null where nothing was counted"
    )
    heap_blocks: Annotated[list[PositiveInt], Field(min_length=1)] = Field(
        description="Bytes; the arena must fit one of them"
    )
    romfs_bytes: Annotated[int, Field(ge=0)] = Field(description="Where a model is used in place")
    frame_bytes: PositiveInt = Field(description="Frame buffers, and models for which the heap has no room")
    firmware: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
