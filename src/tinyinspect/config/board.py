"""The camera that the model must run on."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from tinyinspect.config.section import Section


class BoardName(StrEnum):
    """The boards described in ``conf/board/``."""

    OPENMV_M7 = "openmv_m7"
    OPENMV_H7 = "openmv_h7"
    OPENMV_H7_PLUS = "openmv_h7_plus"
    OPENMV_RT1062 = "openmv_rt1062"
    NICLA_VISION = "nicla_vision"
    PORTENTA_H7 = "portenta_h7"


class Board(Section):
    """The camera that the model must run on."""

    name: BoardName
    title: str
    cpu: Literal["cortex_m7"] = Field(description="The core that the operator costs were counted on")
    mhz: PositiveInt
    cycles_per_instruction: PositiveFloat = Field(description="Assumed, to make milliseconds of counted instructions")
    heap_blocks: Annotated[list[PositiveInt], Field(min_length=1)] = Field(
        description="Bytes; the arena must fit one of them"
    )
    romfs_bytes: Annotated[int, Field(ge=0)] = Field(description="Where a model is used in place")
    frame_bytes: PositiveInt = Field(
        description="Frame buffer, and models loaded with load_to_fb before firmware 5.0.0"
    )
    firmware: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
