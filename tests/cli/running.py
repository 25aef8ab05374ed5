"""Call ``tinyinspect`` as a user does: a process of its own in a folder of the test."""

import os
import subprocess
import sys
from pathlib import Path

RUN = "from tinyinspect.cli.main import main; main()"


def run(*words: object, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command in a folder."""
    command = [sys.executable, "-P", "-c", RUN, *map(str, words)]
    given = os.environ | environment
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False)
