#!/bin/sh
# Clone this project as it stands, to run its code on the demonstration: sh scripts/clone.sh FOLDER
set -eu
PYTHONPATH=src exec python -P -c '
import sys
from pathlib import Path
from tinyinspect.errors import reported
from tinyinspect.project.clones import clone_for_tests
with reported():
    clone_for_tests(Path(), Path(sys.argv[1]))
' "$1"
