"""What Git knows, where its silence is an answer too; ``project/git.py`` changes a project and reports refusals."""

import subprocess
from pathlib import Path


def ask(*words: str, folder: Path | None = None) -> str | None:
    """What a Git command prints, or None where it fails.

    Args:
        words: of the command.
        folder: to ask in; the working folder without one.
    """
    answer = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    return answer.stdout if answer.returncode == 0 else None
