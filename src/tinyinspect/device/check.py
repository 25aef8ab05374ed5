"""Verdicts on a file that somebody gives, for one board or for all: compiled for a board's NPU where it has one."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml
from pydantic import ValidationError

from tinyinspect.config.accelerator import Accelerator, AcceleratorName
from tinyinspect.config.board import Board
from tinyinspect.device.checks import VELA_OPERATOR
from tinyinspect.device.compiled import write_compiled
from tinyinspect.device.findings import Finding, Kind
from tinyinspect.device.graph import Graph
from tinyinspect.device.neural_art import can_compile
from tinyinspect.device.verdict import FOREIGN, Examined, Origin, Verdict, examine, judge
from tinyinspect.errors import InputError


def check_file(
    model: Path, asked: list[Board], boards: list[Board], accelerators: Path, origin: Origin = FOREIGN
) -> Iterator[Verdict]:
    """The verdict on a file for each board that is asked for.

    Args:
        model: the .tflite file.
        asked: boards, each with its firmware.
        boards: what may be recommended instead.
        accelerators: folder of the accelerators (``conf/accelerator``).
        origin: what is known of the model beside its file.

    Raises:
        InputError: The file is no model, or a board's firmware is outside the known range.
    """
    examined = examine(model)
    for board in asked:
        yield _verdict(examined, board, boards, accelerators, origin)


def _verdict(examined: Examined, board: Board, boards: list[Board], accelerators: Path, origin: Origin) -> Verdict:
    if board.npu is None or _is_compiled(examined.graph):
        return judge(examined, board, boards, origin=origin)
    accelerator = read_accelerator(accelerators / f"{board.npu}.yaml")
    if accelerator.name is AcceleratorName.NEURAL_ART and not can_compile(accelerator):
        return judge(examined, board, boards, origin=origin)
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = write_compiled(examined.graph.path, accelerator, Path(folder))
        except InputError as error:  # of one board: the others' verdicts stand
            verdict = judge(examined, board, boards, origin=origin)
            return replace(verdict, findings=(Finding("compiler", str(error), Kind.REFUSED),), storage=None)
    return judge(examined, board, boards, origin=origin, made=made, accelerator=accelerator)


def _is_compiled(graph: Graph) -> bool:
    return any(operator.kind == VELA_OPERATOR for operator in graph.operators)


def read_accelerator(path: Path) -> Accelerator:
    """An accelerator of ``conf/accelerator``.

    Raises:
        InputError: The file is missing or does not follow the schema.
    """
    try:
        return Accelerator.model_validate(yaml.safe_load(path.read_text()))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise InputError(f"{path} describes no accelerator ({' '.join(str(error).split())}); correct it") from None
