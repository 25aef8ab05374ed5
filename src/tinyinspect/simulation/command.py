"""Recordings of the simulated line with their truth, as the command ``tinyinspect simulate`` makes them."""

from collections import Counter
from pathlib import Path

from tinyinspect.camera import Pixels
from tinyinspect.errors import InputError
from tinyinspect.simulation.contact_sheet import save_sheet
from tinyinspect.simulation.render import Line, Rendered, file_name, render, write_truth
from tinyinspect.simulation.truth import Label


def simulate_line(line: Line, output: Path, annotations: Path, contact_sheet: Path | None) -> str:
    """Render recordings, their truth and, if asked for, a contact sheet.

    Args:
        line: what to render.
        output: folder of the recordings.
        annotations: CSV of the truth.
        contact_sheet: picture of some frames of each class and recording.

    Returns:
        A sentence on what was made.

    Raises:
        InputError: One of the places cannot be written.
    """
    _prepare_places(output, [annotations, contact_sheet])
    recordings = render(line, output)
    write_truth(annotations, recordings)
    if contact_sheet:
        save_sheet(contact_sheet, _rows(recordings))
    return _summary(line, output, recordings)


def _prepare_places(output: Path, files: list[Path | None]) -> None:
    """Make sure before the long work that its results can be stored."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{output} cannot be a folder ({error.strerror}); choose another --output") from None
    for path in filter(None, files):
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a file in it")


def _rows(recordings: list[Rendered]) -> list[list[Pixels]]:
    return [[frame for label in Label for frame in recording.samples.get(label, [])] for recording in recordings]


def _summary(line: Line, folder: Path, recordings: list[Rendered]) -> str:
    counts = Counter(label for recording in recordings for label in recording.labels)
    size = sum((folder / file_name(number)).stat().st_size for number in range(line.recordings))
    shares = ", ".join(f"{counts[label]} {label}" for label in Label)
    return f"{line.recordings} recordings of {line.frames} frames in {folder}, {size / 1e6:.1f} MB: {shares}"
