"""Call ``tinyinspect`` as a user does: a process of its own in a folder of the test."""

import os
import subprocess
import sys
from pathlib import Path

RUN = "from tinyinspect.cli.main import main; main()"
ROLES = ("AUTHOR", "COMMITTER")
PERSON = {f"GIT_{role}_NAME": "Ann" for role in ROLES} | {f"GIT_{role}_EMAIL": "ann@line" for role in ROLES}


def run(*words: object, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command in a folder."""
    command = [sys.executable, "-P", "-c", RUN, *map(str, words)]
    given = os.environ | environment
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False)


def typed(*words: object, at: Path, fails: bool = False, **environment: str) -> str:
    """Run any command as a person types it, with this Python's programs on the PATH; what it printed."""
    given = os.environ | PERSON | {"MLFLOW_TRACKING_URI": ""} | environment
    given["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = list(map(str, words))
    done = subprocess.run(command, cwd=at, env=given, capture_output=True, text=True, errors="replace", check=False)
    assert (done.returncode != 0) == fails, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr
