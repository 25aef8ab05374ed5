"""Verdicts on a file that somebody gives, for one board or for all: compiled for a board's NPU where it has one."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import ValidationError

from tinyinspect.config.accelerator import Accelerator
from tinyinspect.config.board import Board, Npu
from tinyinspect.device.checks import VELA_OPERATOR
from tinyinspect.device.graph import Graph
from tinyinspect.device.vela import Compiled, compile_for_ethos_u
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
    if board.npu is not Npu.ETHOS_U55 or _is_compiled(examined.graph):
        return judge(examined, board, boards, origin=origin)
    accelerator = read_accelerator(accelerators / f"{board.npu}.yaml")
    compiled = _compiled(examined.graph.path, accelerator)
    return judge(examined, board, boards, origin=origin, compiled=compiled, accelerator=accelerator)


def _compiled(model: Path, accelerator: Accelerator) -> Compiled:
    with tempfile.TemporaryDirectory() as folder:
        return compile_for_ethos_u(model, accelerator, Path(folder) / model.name)


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
