"""The comparison as Markdown, for a pull request."""

from typing import Any

from tinyinspect.device.device_file import DeviceFile
from tinyinspect.report.provenance import changed_params
from tinyinspect.report.verdict import Headline
from tinyinspect.review.compared import Common, Compared
from tinyinspect.review.versions import Version

MARKER = "<!-- tinyinspect compare -->"  # by which a comment is found again
MOST_PARAMETERS = 12


def markdown(base: Version, head: Version, common: Common, rows: list[Compared], cost: list[Headline]) -> str:
    """A table and three lines.

    Args:
        base: before.
        head: after.
        common: the frames.
        rows: of the task's part ``comparison``.
        cost: of int8, before and after.
    """
    measured = [
        f"| {row.name} | {100 * row.before:.1f} % | {100 * row.after:.1f} % | {_difference(row)} |" for row in rows
    ]
    refused = f"; {common.refused} refused, for one was trained on them" if common.refused else ""
    lines = [
        MARKER,
        f"### Model: {base.name} → {head.name}",
        "",
        f"| camera, {len(common.head)} pictures that both were tested on | before | after | difference |",
        "|---|---:|---:|---|",
        *measured,
        f"| int8 | {cost[0].lost} | {cost[1].lost} | 95 % interval of the loss now {cost[1].lost_interval} |",
        _cost(base.device, head.device),
        "",
        f"**{len(common.newly_wrong)} newly wrong, {len(common.newly_right)} newly right**{refused}. "
        f"Labels: {_step(base.labels, head.labels)}. Recordings: {_step(base.recordings, head.recordings)}.",
        f"Parameters: {_parameters(base.params, head.params)}.",
    ]
    return "\n".join(lines) + "\n"


def _difference(row: Compared) -> str:
    points = f"{100 * (row.after - row.before):+.1f} points ({100 * row.low:+.1f} to {100 * row.high:+.1f})"
    word = ("better" if row.after > row.before else "worse") if row.beyond_chance else "no difference beyond chance"
    return f"{points}: **{word}**; {row.test}"


def _cost(base: DeviceFile, head: DeviceFile) -> str:
    def told(device: DeviceFile) -> str:
        time, arena = device.milliseconds, device.arena_bytes
        return ", ".join(
            [
                f"{device.file_bytes / 1000:.1f} kB",
                "arena unknown" if arena is None else f"{arena / 1000:.1f} kB arena",
                "time unknown" if time is None else f"{time:.1f} ms",
            ]
        )

    fits = "fits" if head.fits else f"**does not fit** {head.board}"
    return f"| {head.board} | {told(base)} | {told(head)} | {fits} |"


def _step(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return "unknown"
    return f"{after}" if before == after else f"{before} → {after} ({after - before:+d})"


def _parameters(before: dict[str, Any], after: dict[str, Any]) -> str:
    rows = changed_params(after, before)
    gone = [f"`{name}` no longer set" for name, _, value in changed_params(before, after) if value == "-"]
    told = [f"`{name}` {old} → {new}" for name, new, old in rows] + gone
    more = [f"and {len(told) - MOST_PARAMETERS} more"] * (len(told) > MOST_PARAMETERS)
    return ", ".join(told[:MOST_PARAMETERS] + more) or "the same"
