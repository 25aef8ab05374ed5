"""Compiling an int8 file for an Ethos-U with Arm's Vela, and reading what it says of the result.

Vela re-encodes the weights and puts the operators that the NPU has into one custom operator; what is left runs on the
core. Its times are estimates of its own, from the clock and the memories in ``data/vela.ini``.
"""

import csv
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from tinyinspect.config.accelerator import Accelerator
from tinyinspect.device.checks import VELA_OPERATOR
from tinyinspect.device.graph import Graph, Tensor, read_graph
from tinyinspect.device.npu_report import NpuReport
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file

_TIMEOUT_S = 600
_ON_NPU = re.compile(r"NPU operators = (\d+)")
_KIB = 1024


@dataclass(frozen=True)
class Compiled:
    """A file that Vela made, and its report."""

    graph: Graph
    report: NpuReport

    @property
    def cpu_operators(self) -> tuple[str, ...]:
        """The operators that are left to the core, as they run."""
        return tuple(one.kind for one in self.graph.operators if one.kind != VELA_OPERATOR)


def compile_for_ethos_u(model: Path, accelerator: Accelerator, target: Path) -> Compiled:
    """Compile ``model`` into ``target``.

    Raises:
        InputError: The model has int4 weights, Vela is not installed or refuses the model, or makes a file whose inputs
            or outputs differ.
    """
    before = read_graph(model)
    if any(map(before.has_int4_weights, before.operators)):
        raise InputError(
            f"Vela cannot compile the int4 weights of {model}; quantize with quantize=qat, or set accelerator=none"
        )
    with tempfile.TemporaryDirectory() as folder, as_file(files("tinyinspect.device") / "data" / "vela.ini") as ini:
        words = _run(model, accelerator, ini, Path(folder))
        made = next(Path(folder).glob("*_vela.tflite"), None)
        summary = next(Path(folder).glob("*_summary_*.csv"), None)
        if made is None or summary is None:
            last = words.strip().splitlines()[-1]
            raise InputError(f"Vela refuses {model} ({last}); quantize it to int8, or set accelerator=none")
        with complete_file(target) as partial:
            shutil.copyfile(made, partial)
        row = next(csv.DictReader(summary.read_text().splitlines()))
    compiled = Compiled(
        graph=read_graph(target),
        report=NpuReport(
            npu_operators=int(found[1]) if (found := _ON_NPU.search(words)) else 0,
            cycles=round(float(row["cycles_total"])),
            milliseconds=round(float(row["inference_time"]) * 1e3, 4),
            sram_bytes=round(float(row["sram_memory_used"]) * _KIB),
            flash_bytes=round(float(row["off_chip_flash_memory_used"]) * _KIB),
        ),
    )
    _require_the_same_ends(before, compiled.graph)
    return compiled


def _run(model: Path, accelerator: Accelerator, ini: Path, folder: Path) -> str:
    command = [sys.executable, "-m", "ethosu.vela", str(model), "--output-dir", str(folder), "--config", str(ini)]
    for option, value in (
        ("--accelerator-config", accelerator.configuration),
        ("--system-config", accelerator.system),
        ("--memory-mode", accelerator.memory),
        ("--optimise", accelerator.optimise),
    ):
        if value is None:
            raise InputError(
                f"accelerator {accelerator.name} gives no {option[2:]}; take a complete one of conf/accelerator"
            )
        command += [option, value]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"Vela does not end on {model}; set accelerator=none, or make the network smaller") from None
    words = done.stdout + done.stderr
    if done.returncode:
        last = words.strip().splitlines()[-1] if words.strip() else f"status {done.returncode}"
        if "No module named" in last:
            raise InputError(f"Vela is not installed ({last}); install it: pip install -r requirements.txt")
        raise InputError(f"Vela refuses {model} ({last}); correct the accelerator's settings, or set accelerator=none")
    return words


def _require_the_same_ends(before: Graph, after: Graph) -> None:
    """Inputs and outputs must keep shape, type, scale and zero point: the program and the host rely on them."""
    for what in ("inputs", "outputs"):
        given, made = ([_end(graph.tensors[index]) for index in getattr(graph, what)] for graph in (before, after))
        if given != made:
            raise InputError(
                f"Vela changed the {what} of {before.path} from {given} to {made}; use another version of it"
            )


def _end(tensor: Tensor) -> tuple[object, ...]:
    return tensor.shape, tensor.dtype, tensor.scales, tensor.zero_points
