"""The verdict on a model file: does it load and run on a board, from where, and at what cost."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tinyinspect.config.board import Board
from tinyinspect.device.arena import arena_bytes
from tinyinspect.device.boards import firmware_of
from tinyinspect.device.changes import changes
from tinyinspect.device.checks import Finding, check_model, refuse_float
from tinyinspect.device.cost import Cost, cost
from tinyinspect.device.graph import Graph, read_graph
from tinyinspect.device.memory import Storage, rooms
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file


@dataclass(frozen=True)
class Verdict:
    """What the host says of a model on a board; ``arena_bytes`` is None where TFLite-Micro refuses the model."""

    model: Path
    board: Board
    findings: tuple[Finding, ...]
    storage: Storage | None  # the best that fits
    cost: Cost
    arena_bytes: int | None
    file_bytes: int
    changes: tuple[str, ...]  # the nearest that would fit, where memory is the obstacle

    @property
    def fits(self) -> bool:
        """Whether the model loads and runs."""
        return all(finding.passes for finding in self.findings)

    @property
    def reasons(self) -> list[str]:
        """Why it does not, each with what to change."""
        failed = [finding for finding in self.findings if not finding.passes]
        return [f"{one.check}: {one.found}" + (f" ({one.change})" if one.change else "") for one in failed]

    @property
    def milliseconds(self) -> float:
        """Time of one inference on the board, at its assumed cycles per instruction."""
        return self.cost.milliseconds(self.board)

    def metrics(self) -> dict[str, Any]:
        """The content of ``device.json``."""
        return {
            "board": str(self.board.name),
            "firmware": self.board.firmware,
            "fits": self.fits,
            "reasons": self.reasons,
            "changes": list(self.changes),
            "storage": None if self.storage is None else str(self.storage),
            "macs": self.cost.macs,
            "instructions": self.cost.instructions,
            "milliseconds": round(self.milliseconds, 2),
            "cycles_per_instruction": self.board.cycles_per_instruction,
            "estimated_operators": self.cost.estimated,
            "arena_bytes": self.arena_bytes,
            "file_bytes": self.file_bytes,
        }

    def insist(self) -> None:
        """Raise where the model does not fit.

        Raises:
            InputError: The reasons, and the nearest change that would fit.
        """
        if not self.fits:
            nearest = f"; it would fit with {' or '.join(self.changes)}" if self.changes else ""
            raise InputError(f"{self.model} does not run on {self.board.title}: {'; '.join(self.reasons)}{nearest}")


def verify(path: Path, board: Board, boards: Iterable[Board]) -> Verdict:
    """The verdict on the model in ``path`` for ``board``; ``boards`` are what it may recommend instead.

    Raises:
        InputError: The file is no int8 model, or the board's firmware is outside the known range.
    """
    firmware_of(board.firmware)
    graph = read_graph(path)
    refuse_float(graph)
    arena, allocated = _arena(graph)
    storage, memory = _memory(board, arena, graph.file_bytes)
    # A change of size helps a model that the rules let through, and no other.
    nearest = changes(graph, arena, board, boards) if arena is not None and storage is None else []
    return Verdict(
        model=path,
        board=board,
        findings=(*check_model(graph), *allocated, *memory),
        storage=storage,
        cost=cost(graph),
        arena_bytes=arena,
        file_bytes=graph.file_bytes,
        changes=tuple(nearest),
    )


def _arena(graph: Graph) -> tuple[int | None, list[Finding]]:
    try:
        return arena_bytes(graph), []
    except InputError as refusal:
        return None, [Finding("TFLite-Micro", str(refusal), passes=False)]


def _memory(board: Board, arena: int | None, file_bytes: int) -> tuple[Storage | None, list[Finding]]:
    if arena is None:
        return None, []
    offered = rooms(board, arena, file_bytes)
    best = next((room for room in offered if room.fits), None)
    if best is None:
        return None, [Finding(f"memory, {room.storage}", room.obstacle, passes=False) for room in offered]
    largest = max(board.heap_blocks)
    found = f"arena {arena} of {largest} bytes of heap, file of {file_bytes} bytes"
    return best.storage, [Finding(f"memory, {best.storage}", found)]


def write_verdict(verdict: Verdict, target: Path) -> None:
    """Write ``device.json``."""
    with complete_file(target) as partial:
        partial.write_text(json.dumps(verdict.metrics(), indent=2) + "\n")


def write_layer_costs(cost: Cost, target: Path) -> None:
    """Write the cost of each layer as CSV; see :func:`layer_table`."""
    with complete_file(target) as partial:
        layer_table(cost).to_csv(partial, index=False)


def layer_table(cost: Cost) -> pd.DataFrame:
    """Layer (number and operator), operator, shape, macs, instructions, measured: a row a layer, as they run."""
    return pd.DataFrame(
        {
            "layer": [f"{index:02d} {layer.operator}" for index, layer in enumerate(cost.layers)],
            "operator": [layer.operator for layer in cost.layers],
            "shape": ["x".join(str(extent) for extent in layer.shape) for layer in cost.layers],
            "macs": [layer.macs for layer in cost.layers],
            "instructions": [layer.instructions for layer in cost.layers],
            "measured": [layer.measured for layer in cost.layers],
        }
    )


def verdict_text(verdict: Verdict) -> str:
    """The verdict as a table for the terminal, one line a check."""
    width = max(len(finding.check) for finding in verdict.findings)
    lines = [f"{verdict.model} on {verdict.board.title}, firmware {verdict.board.firmware}"]
    for one in verdict.findings:
        change = f" -> {one.change}" if one.change and not one.passes else ""
        lines.append(f"  {'ok' if one.passes else 'NO':2}  {one.check:{width}}  {one.found}{change}")
    lines += [f"      would fit with {change}" for change in verdict.changes]
    lines.append(_cost_line(verdict))
    return "\n".join(lines)


def _cost_line(verdict: Verdict) -> str:
    cost, board = verdict.cost, verdict.board
    rate = f"{board.mhz} MHz and {board.cycles_per_instruction} cycles per instruction (assumed)"
    estimated = f"; never counted, estimated: {', '.join(cost.estimated)}" if cost.estimated else ""
    return (
        f"  {cost.macs / 1e6:.2f} M MACs, {cost.instructions / 1e6:.2f} M instructions, "
        f"{verdict.milliseconds:.1f} ms at {rate}{estimated}"
    )


def boards_table(verdicts: Iterable[Verdict]) -> str:
    """The verdicts of one model on several boards as a Markdown table."""
    lines = [
        "| board | firmware | fits | runs from | arena of heap block, bytes | ms | why not |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in verdicts:
        arena = "?" if one.arena_bytes is None else f"{one.arena_bytes:,} of {max(one.board.heap_blocks):,}"
        fits = "yes" if one.fits else "no"
        storage = one.storage or "-"
        why = "; ".join(one.reasons) or "-"
        name = f"{one.board.title}, {one.board.mhz} MHz"
        lines.append(
            f"| {name} | {one.board.firmware} | {fits} | {storage} | {arena} | {one.milliseconds:.1f} | {why} |"
        )
    return "\n".join(lines)
