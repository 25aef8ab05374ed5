"""Run the program of a stage: ``python -m tinyinspect.stage stages/train.py``.

A stage reports its own faults; this covers the seconds in which its packages load, where Ctrl-C would end in their
stack traces.
"""

import runpy
import sys

from tinyinspect.errors import reported

if __name__ == "__main__":
    with reported():
        runpy.run_path(sys.argv[1], run_name="__main__")
