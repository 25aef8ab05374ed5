"""data/videos -> frames: every recording to JPEG frames in tar shards, with an index."""

import sys
from pathlib import Path

from tinyinspect.config.execution import Execution
from tinyinspect.config.extract import Extract
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.errors import reported
from tinyinspect.execution.extraction import extractor
from tinyinspect.files import complete_folder
from tinyinspect.recordings.extract import Outcome, extract_recordings
from tinyinspect.recordings.find import ignored_sentence, survey


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    extract: Extract


class Where(Section):
    """Read too, but no parameter of the stage to DVC: it changes no result."""

    execution: Execution


def main() -> None:
    """Read the ``extract`` section of params.yaml and write ``frames``."""
    with reported():
        settings, videos = load(Path("params.yaml"), Inputs).extract, Path("data/videos")
        where = load(Path("params.yaml"), Where)
        if ignored := survey(videos).ignored:
            print(f"warning: {ignored_sentence(videos, ignored)}", file=sys.stderr)
        with complete_folder(Path("frames")) as frames:
            outcomes = extract_recordings(videos, frames, settings, extractor(where.execution))
        report(outcomes)


def report(outcomes: list[Outcome]) -> None:
    """Print what is wrong with the recordings to standard error, what was kept to standard output."""
    for outcome in outcomes:
        for warning in outcome.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        if outcome.error:
            print(f"warning: skipped: {outcome.error}", file=sys.stderr)
    used = [outcome for outcome in outcomes if not outcome.error]
    print(
        f"{sum(outcome.kept for outcome in used)} frames of {len(used)} recordings kept; left out: "
        f"{sum(outcome.damaged for outcome in used)} damaged, {sum(outcome.blurred for outcome in used)} blurred, "
        f"{sum(outcome.near_duplicates for outcome in used)} near-duplicates"
    )


if __name__ == "__main__":
    main()
