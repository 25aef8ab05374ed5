"""Everything that can be known to be wrong before the first frame is extracted, said at once, in seconds."""

import sys
from pathlib import Path

from tinyinspect.config.data import Data
from tinyinspect.config.extract import Extract
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.config.select import Select
from tinyinspect.errors import reported
from tinyinspect.selection.check import check_project


class Inputs(Section):
    """What the stage reads of params.yaml."""

    data: Data
    extract: Extract
    select: Select


def main() -> None:
    """Read recordings' headers and annotations, draw or grow ``annotations/test_set.csv``, write ``recordings.csv``."""
    params = load(Path("params.yaml"), Inputs)
    summary = check_project(Path(), params.data, params.extract, params.select, say=_say)
    print(summary)


def _say(note: str) -> None:
    print(f"note: {note}", file=sys.stderr)


if __name__ == "__main__":
    with reported():
        main()
