"""Run the program of a stage: ``python -m tinyinspect.stage stages/train.py``.

A stage reports its own faults; this covers the seconds in which its packages load, where Ctrl-C would end in their
stack traces. A stage runs with one OpenMP thread, unless the user sets OMP_NUM_THREADS.
"""

import os
import runpy
import sys

from tinyinspect.errors import reported

# Before any package reads it: where processes share the cores, OpenMP threads wait for each other most of the time.
os.environ.setdefault("OMP_NUM_THREADS", "1")

if __name__ == "__main__":
    with reported():
        runpy.run_path(sys.argv[1], run_name="__main__")
