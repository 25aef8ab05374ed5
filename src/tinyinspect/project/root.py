"""Which project a command acts on: the nearest one, from the working directory upwards, and with its own code."""

import os
import sys
from pathlib import Path

import tinyinspect
from tinyinspect.errors import InputError

PACKAGE = Path("src/tinyinspect")
OWN_LINE = Path("conf/line/own.yaml")  # what a user's own line sets; only such a project has it
_COMMANDS = PACKAGE / "cli/main.py"
_CODE = ("dvc.yaml", "conf/config.yaml", PACKAGE / "__init__.py")


def nearest() -> Path:
    """The root of the project that the user stands in, as a path from there.

    Raises:
        InputError: The working directory is in no project.
    """
    found = _above(Path.cwd(), "params.yaml")
    if found is None:
        raise InputError(f"{Path.cwd()} is in no project; go to one, or make one with `tinyinspect new`")
    return Path(os.path.relpath(found))


def is_own_line(root: Path) -> bool:
    """Whether a project is a user's own line, not the repository that it was made of."""
    return (root / OWN_LINE).is_file()


def origin() -> Path:
    """The clone that a new line is made of: the nearest project, or else the one whose code runs.

    Raises:
        InputError: The code that runs was installed without its repository.
    """
    found = _above(Path.cwd(), *_CODE) or _above(Path(tinyinspect.__file__), *_CODE)
    if found is None:
        raise InputError("a line is made of a clone of the repository, and this is none; go to a clone of it first")
    return found


def run_code_of_nearest() -> None:
    """Start this program anew with the code of the project that the user stands in, unless that is running already."""
    found = _above(Path.cwd(), "params.yaml")
    if found is None or not (found / _COMMANDS).is_file():
        return
    if (found / PACKAGE).resolve() == Path(tinyinspect.__file__).resolve().parent:
        return
    path = os.pathsep.join(filter(None, [str(found / "src"), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-P", "-c", "from tinyinspect.cli.main import main; main()", *sys.argv[1:]]
    os.execve(sys.executable, command, os.environ | {"PYTHONPATH": path})


def _above(start: Path, *files: str | Path) -> Path | None:
    folders = [start.resolve(), *start.resolve().parents]
    return next((folder for folder in folders if all((folder / file).is_file() for file in files)), None)
