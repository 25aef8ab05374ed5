"""Verdicts for people: the terminal's table of checks, the table of boards, the table of layers."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from tinyinspect.device.compiler import Compiler
from tinyinspect.device.cost import Cost
from tinyinspect.device.findings import Kind
from tinyinspect.device.verdict import NOTHING, Verdict
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file

_MARKS = {None: "ok", Kind.REFUSED: "NO", Kind.SEES: "?", Kind.COSTS: "slow"}
_NAMES = {
    Kind.REFUSED: "it does not load",
    Kind.SEES: "check that it sees what it was trained on (?)",
    Kind.COSTS: "the same result is to be had for less (slow)",
}


def verdict_text(verdict: Verdict) -> str:
    """The verdict as a table for the terminal, one line a check."""
    width = max(len(finding.check) for finding in verdict.findings)
    lines = [f"{verdict.model} on {verdict.board.title}, firmware {verdict.board.firmware}"]
    for one in verdict.findings:
        change = f" -> {one.change}" if one.change else ""
        lines.append(f"  {_mark(verdict, one.kind):4}  {one.check:{width}}  {one.found}{change}")
    lines += [f"        would fit with {change}" for change in verdict.changes]
    lines.append("  " + _cost_line(verdict))
    kinds = [_NAMES[kind] for kind in Kind if verdict.of_kind(kind)]
    known = "" if verdict.compiler is not Compiler.OPENMV_IDE else ", as far as can be told before it is compiled"
    lines.append("  " + ("; ".join(kinds) or f"nothing stands against it{known}"))
    return "\n".join(lines)


def _mark(verdict: Verdict, kind: Kind | None) -> str:
    ours = verdict.origin.trained_on is not None
    return "NO" if ours and kind is Kind.SEES else _MARKS[kind]


def _cost_line(verdict: Verdict) -> str:
    cost, board, time = verdict.cost, verdict.board, verdict.milliseconds
    if verdict.made.ethos_u is not None:
        report = verdict.made.ethos_u.report
        return (
            f"{cost.macs / 1e6:.2f} M MACs, {report.cycles} cycles, {report.milliseconds:.2f} ms on the NPU (Vela's "
            f"estimate), {report.sram_bytes} bytes of SRAM, {report.flash_bytes} of flash; that its outputs equal the "
            "host's bit for bit is for `make device-check` on the board to show"
        )
    counted = f"{cost.macs / 1e6:.2f} M MACs, {cost.instructions.scaled(1e-6).text(2)} M instructions on a Cortex-M7"
    estimated = f"; never counted, estimated: {', '.join(cost.estimated)}" if cost.estimated else ""
    if time is None:
        return f"{counted}; no time is known for this board{estimated}"
    rate = f"{board.mhz} MHz and {board.cycles_per_instruction} cycles per instruction (assumed)"
    what = "predict() with its resize" if cost.resize.high else "predict()"
    return f"{counted}; {what} takes {time.text(1)} ms at {rate}{estimated}"


def boards_table(verdicts: Iterable[Verdict]) -> str:
    """The verdicts of one model on several boards as a Markdown table."""
    lines = [
        "| board | firmware | loads | runs from | arena of heap block, bytes | ms | why not |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in verdicts:
        arena = "?" if one.arena_bytes is None else f"{one.arena_bytes:,} of {max(one.board.heap_blocks):,}"
        time = "?" if one.milliseconds is None else one.milliseconds.text(1 if one.made.ethos_u is None else 2)
        name = f"{one.board.title}, {one.board.mhz} MHz" + (" and NPU" if one.made != NOTHING else "")
        refused = one.of_kind(Kind.REFUSED)
        cells = [name, one.board.firmware, "no" if refused else "yes", one.storage or "-", arena, time]
        lines.append(f"| {' | '.join(cells)} | {'; '.join(refused) or '-'} |")
    return "\n".join(lines)


def layer_table(cost: Cost) -> pd.DataFrame:
    """Layer (number and operator), operator, shape, macs, instructions, measured: a row a layer, as they run.

    ``instructions`` is the upper end of the interval where a layer is not ``measured``, and ``instructions_low`` its
    lower one.
    """
    return pd.DataFrame(
        {
            "layer": [f"{index:02d} {layer.operator}" for index, layer in enumerate(cost.layers)],
            "operator": [layer.operator for layer in cost.layers],
            "shape": ["x".join(str(extent) for extent in layer.shape) for layer in cost.layers],
            "macs": [layer.macs for layer in cost.layers],
            "instructions": [round(layer.instructions.high) for layer in cost.layers],
            "instructions_low": [round(layer.instructions.low) for layer in cost.layers],
            "measured": [layer.measured for layer in cost.layers],
        }
    )


def write_layer_costs(cost: Cost, target: Path) -> None:
    """Write the cost of each layer as CSV; see :func:`layer_table`."""
    with complete_file(target) as partial:
        layer_table(cost).to_csv(partial, index=False)


def read_layer_costs(path: Path) -> pd.DataFrame:
    """What :func:`write_layer_costs` wrote.

    Raises:
        InputError: The file is missing or holds something else.
    """
    try:
        table = pd.read_csv(path)
        table[["operator", "instructions"]].astype({"instructions": float})
    except (OSError, ValueError, KeyError):
        raise InputError(f"{path} is missing or holds no cost of layers; run `dvc repro --force verify`") from None
    return table
