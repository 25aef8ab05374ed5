"""The real command, for tests of the page and for the benchmark."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from tinyinspect.cli.main import main; main()", "label"]


@contextmanager
def labelling_page(project: Path, *, by: str = "Ann") -> Iterator[tuple[str, subprocess.Popen]]:
    """Run `tinyinspect label` in a project: the page's address, and the process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [*COMMAND, "--no-browser", "--port", "0", "--by", by]
    with subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split(": ", 1)[1].strip(), process
        finally:
            process.kill()
