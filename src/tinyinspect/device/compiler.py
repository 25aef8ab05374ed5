"""What makes a file for a board's neural processor."""

from enum import StrEnum


class Compiler(StrEnum):
    """What makes a file for a neural processor of the int8 file."""

    VELA = "vela"  # in the stage `compile`; the bundle carries its file
    STEDGEAI = "stedgeai"  # in the stage `compile`, where ST's program is on the PATH; the bundle carries its file
    OPENMV_IDE = "openmv_ide"  # when the file is added to ROMFS
