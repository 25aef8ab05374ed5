"""Run the program of a stage: ``python -P -m tinyinspect.stage stages/train.py``, as ``dvc.yaml`` does.

A stage reports its own faults; this covers the seconds in which its packages load, where Ctrl-C would end in their
stack traces. A stage runs with one OpenMP thread, unless the user sets OMP_NUM_THREADS.
"""

import os
import runpy
import sys
from pathlib import Path

from tinyinspect.errors import reported

# Before any package reads it: where processes share the cores, OpenMP threads wait for each other most of the time.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def main(script: str) -> None:
    """Run a stage; the first one and the last one say more than their own part."""
    stage = Path(script).stem
    if stage == "check":
        from tinyinspect.project.last_word import first_word

        first_word()
    try:
        runpy.run_path(script, run_name="__main__")
    finally:
        if stage == "accept":
            from tinyinspect.project.last_word import last_word

            last_word()


if __name__ == "__main__":
    with reported():
        main(sys.argv[1])
