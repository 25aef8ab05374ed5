"""What ``verify`` says of a small network that fits on the H7."""

from typing import Any

from tinyinspect.device.device_file import DeviceFile

VERIFIED = DeviceFile(
    board="openmv_h7",
    firmware="5.0.0",
    fits=True,
    reasons=[],
    changes=[],
    sees=[],
    costs=[],
    storage="romfs",
    macs=3547184,
    instructions=9537101,
    instructions_low=9537101,
    milliseconds=27.1,
    milliseconds_low=26.5,
    cycles_per_instruction=1.28,
    estimated_operators=[],
    arena_bytes=25972,
    model_ram_bytes=26496,
    interpreter_bytes=6976,
    file_bytes=95008,
    compiler=None,
    npu=None,
)


def verified(**facts: Any) -> DeviceFile:
    """The same with other facts."""
    return VERIFIED.model_copy(update=facts)
