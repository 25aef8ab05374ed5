"""``models/compiled``: what the stage `compile` makes of the int8 file for a neural processor, and its report."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tinyinspect.config.accelerator import Accelerator, AcceleratorName
from tinyinspect.device.graph import read_graph
from tinyinspect.device.neural_art import Relocatable, compile_for_neural_art
from tinyinspect.device.npu_report import NpuReport
from tinyinspect.device.vela import Compiled, compile_for_ethos_u
from tinyinspect.errors import InputError
from tinyinspect.files import parse_json, write_json

COMPILED_MODEL = "model.tflite"
REPORT = "compiled.json"


@dataclass(frozen=True)
class Made:
    """What was compiled: at most one of the two."""

    ethos_u: Compiled | None = None
    neural_art: Relocatable | None = None

    @property
    def summary(self) -> str:
        """In words."""
        if self.ethos_u is not None:
            on_npu, on_core = self.ethos_u.report.npu_operators, len(self.ethos_u.cpu_operators)
            return f"{on_npu} operators on the NPU, {on_core} on the core"
        if self.neural_art is not None:
            return f"{self.neural_art.file_bytes} bytes, made by {self.neural_art.version}"
        return "nothing to compile, the int8 file stays as it is"


class _Report(BaseModel):
    """``compiled.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ethos_u: NpuReport | None = None
    neural_art: Relocatable | None = None


def write_compiled(model: Path, accelerator: Accelerator, folder: Path) -> Made:
    """Fill an empty folder with what the accelerator runs, and its report; nothing is compiled where there is none.

    Raises:
        InputError: As :func:`compile_for_ethos_u` and :func:`compile_for_neural_art`.
    """
    target = folder / COMPILED_MODEL
    match accelerator.name:
        case AcceleratorName.NONE:
            made = Made()
        case AcceleratorName.ETHOS_U55:
            made = Made(ethos_u=compile_for_ethos_u(model, accelerator, target))
        case AcceleratorName.NEURAL_ART:
            made = Made(neural_art=compile_for_neural_art(model, accelerator, target))
    report = _Report(ethos_u=None if made.ethos_u is None else made.ethos_u.report, neural_art=made.neural_art)
    write_json(report, folder / REPORT)
    return made


def read_compiled(folder: Path) -> Made:
    """What :func:`write_compiled` wrote.

    Raises:
        InputError: The folder is incomplete.
    """
    try:
        content = (folder / REPORT).read_text()
        parse_json(content)
        report = _Report.model_validate_json(content)
    except (OSError, ValueError, ValidationError):
        raise InputError(f"{folder / REPORT} is missing or is no report; run `dvc repro compile`") from None
    if report.ethos_u is None:
        return Made(neural_art=report.neural_art)
    return Made(ethos_u=Compiled(read_graph(folder / COMPILED_MODEL), report.ethos_u))
