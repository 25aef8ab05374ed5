"""What `tinyinspect predict` leaves: a table of answers, a contact sheet and, if wanted, a video."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tinyinspect.evaluation.source import COLUMNS, Seen, row_of
from tinyinspect.files import complete_file
from tinyinspect.report.annotated import AnnotatedVideo, ContactSheet


def write_predicted(out: Path, pictures: Iterable[Seen], *, video: bool) -> Counter[str]:
    """Write ``answers.csv``, ``frames.jpg`` and ``answers.mp4``, each complete or absent; count the answers.

    Args:
        out: folder, made if it is not there.
        pictures: in order, with what was said of each; without any, nothing is written.
        video: whether to write one.
    """
    counts, sheet = Counter[str](), ContactSheet()
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as files:
        for place, seen in enumerate(pictures):
            if place == 0:
                table = files.enter_context(
                    files.enter_context(complete_file(out / "answers.csv")).open("w", newline="")
                )
                film = files.enter_context(AnnotatedVideo(out / "answers.mp4")) if video else None
                writer = csv.writer(table, lineterminator="\n")
                writer.writerow(COLUMNS)
            writer.writerow(row_of(seen))
            counts[seen.said.answer] += 1
            sheet.add(seen)
            if film is not None:
                film.add(seen)
    if counts:
        sheet.write(out / "frames.jpg")
    return counts


def told_of_changes(pictures: Iterable[Seen]) -> Iterator[Seen]:
    """The same pictures; an answer that differs from the one before is printed as it comes."""
    shown = ""
    for seen in pictures:
        if seen.said.answer != shown:
            shown = seen.said.answer
            print(f"{seen.time:7.1f} s  {shown} {seen.said.score:.2f}", flush=True)
        yield seen
