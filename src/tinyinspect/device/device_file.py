"""``device.json``: what ``verify`` found out about the model on the chosen board, as one typed file."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tinyinspect.device.compiler import Compiler
from tinyinspect.device.npu_report import NpuReport
from tinyinspect.device.storage import Storage
from tinyinspect.files import read_json

DEVICE = Path("device.json")
REMEDY = "run `dvc repro verify`"


class DeviceFile(BaseModel):
    """What the host says of the model on the chosen board."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    board: str = Field(description="Name in conf/board")
    firmware: str = Field(description="The version that was assumed")
    fits: bool = Field(description="Whether the model loads and runs there")
    reasons: list[str] = Field(description="Why it does not, each with what to change")
    changes: list[str] = Field(description="The nearest that would fit, where memory is the obstacle")
    sees: list[str] = Field(description="Where the camera would show the model other pixels than it was trained on")
    costs: list[str] = Field(description="What takes time for nothing")
    storage: Storage | None = Field(description="Where the file is kept; null where it has no room")
    macs: int = Field(description="Multiply-accumulates of one inference")
    instructions: int = Field(description="Of one inference on a Cortex-M7, at most")
    instructions_low: int = Field(description="The same, at least")
    milliseconds: float | None = Field(description="Of one inference, estimated, at most; null where no time is known")
    milliseconds_low: float | None = Field(description="The same, at least")
    cycles_per_instruction: float | None = Field(description="That the time assumes; null where none is known")
    estimated_operators: list[str] = Field(description="Operators whose instructions were estimated, not counted")
    arena_bytes: int | None = Field(description="Of the tensor arena; null where it is not known")
    model_ram_bytes: int | None = Field(description="What the firmware calls model.ram")
    interpreter_bytes: int = Field(description="Of heap that the interpreter takes beside the arena")
    file_bytes: int = Field(description="Of the file that goes to the board")
    compiler: Compiler | None = Field(description="Makes the file that the board runs of the int8 file, if any")
    npu: NpuReport | None = Field(description="What the compiler for the board's NPU reports")


def read_device(path: Path = DEVICE) -> DeviceFile:
    """Read ``device.json``.

    Raises:
        InputError: The file is missing or is not what the stage ``verify`` writes.
    """
    return read_json(path, DeviceFile, REMEDY)
