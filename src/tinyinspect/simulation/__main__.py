"""Command line of the simulation; see ``--help``."""

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from tinyinspect.camera import Pixels
from tinyinspect.errors import InputError, reported
from tinyinspect.simulation.contact_sheet import save_sheet
from tinyinspect.simulation.render import Line, Rendered, file_name, render, write_truth
from tinyinspect.simulation.truth import Label


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see --help")


def main(arguments: list[str] | None = None) -> None:
    """Render the recordings, their truth and, if asked for, a contact sheet."""
    with reported():
        chosen = _parser().parse_args(arguments)
        _prepare_places(chosen)
        line = Line(chosen.seed, chosen.recordings, chosen.frames, chosen.quality)
        recordings = render(line, chosen.output)
        write_truth(chosen.annotations, recordings)
        if chosen.contact_sheet:
            save_sheet(chosen.contact_sheet, _rows(recordings))
        _summarise(line, chosen.output, recordings)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m tinyinspect.simulation", description="Simulate the inspection line.")
    parser.add_argument("--output", type=Path, default=Path("data/videos"), help="folder of the recordings")
    parser.add_argument(
        "--annotations", type=Path, default=Path("annotations/simulated_line.csv"), help="truth, as CSV"
    )
    parser.add_argument("--recordings", type=_whole(1, 100), default=8, help="how many")
    parser.add_argument("--frames", type=_whole(1, 100_000), default=756, help="in each recording")
    parser.add_argument("--quality", type=_whole(1, 95), default=19, help="of the JPEG frames, 1 to 95")
    parser.add_argument("--seed", type=_whole(0, 2**32 - 1), default=0, help="the same seed gives the same bytes")
    parser.add_argument("--contact-sheet", type=Path, help="also save some frames of each class and recording here")
    return parser


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.strip().isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} to {high}")
        return int(text)

    return parse


def _prepare_places(chosen: argparse.Namespace) -> None:
    """Make sure before the long work that its results can be stored."""
    try:
        chosen.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{chosen.output} cannot be a folder ({error.strerror}); choose another --output") from None
    for path in filter(None, (chosen.annotations, chosen.contact_sheet)):
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a file in it")


def _rows(recordings: list[Rendered]) -> list[list[Pixels]]:
    return [[frame for label in Label for frame in recording.samples.get(label, [])] for recording in recordings]


def _summarise(line: Line, folder: Path, recordings: list[Rendered]) -> None:
    counts = Counter(label for recording in recordings for label in recording.labels)
    size = sum((folder / file_name(number)).stat().st_size for number in range(line.recordings))
    shares = ", ".join(f"{counts[label]} {label}" for label in Label)
    print(f"{line.recordings} recordings of {line.frames} frames in {folder}, {size / 1e6:.1f} MB: {shares}")


if __name__ == "__main__":
    main()
