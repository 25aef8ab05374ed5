"""What a run of the graph says besides its stages: labels that an experiment lacks, and at the end the summary."""

import os
import sys
from pathlib import Path

from tinyinspect.project.git import names
from tinyinspect.report.summary import summary

LATER = "TINYINSPECT_SUMMARY"  # set in the environment by who prints the summary himself, below DVC's last lines


def labels_left_out(folder: Path) -> str | None:
    """Whether ``dvc exp run --queue`` leaves out labels, or has done so: DVC takes along only what Git knows.

    Args:
        folder: in which the stages run: a project, or an experiment's copy of one in its ``.dvc/tmp``.

    Returns:
        A sentence, or None where Git knows all tables of labels.
    """
    project = project_of_experiment(folder)
    asked = (
        "ls-files",
        "-z",
        "--others",
        "--exclude-standard",
        "--",
        "annotations/*.csv",
        ":!annotations/test_set.csv",
    )
    unknown = ", ".join(names(project or folder, *asked, check=False))
    if not unknown:
        return None
    cure = "`git add annotations`"
    if project:
        return f"{project}/annotations has labels that this experiment lacks, for Git does not know {unknown}; {cure}"
    return f"Git does not know {unknown}, so experiments of `dvc exp run --queue` will lack these labels; {cure}"


def project_of_experiment(folder: Path) -> Path | None:
    """The project of an experiment that runs in a copy of its own; None for a project itself."""
    return next((parent.parent for parent in folder.resolve().parents if parent.name == ".dvc"), None)


def first_word() -> None:
    """Say before the first stage, and in an experiment, what Git does not know."""
    if sentence := labels_left_out(Path()):
        print(f"warning: {sentence}", file=sys.stderr)


def last_word() -> None:
    """Print the summary after the last stage, or what an experiment lacks."""
    if project_of_experiment(Path()):
        first_word()
    elif LATER not in os.environ:
        print(f"\n{summary(Path())}\n")
