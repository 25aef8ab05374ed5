"""A line of one's own: made of a clone of the repository, without the demonstration, and added to."""

import shutil
import sys
from pathlib import Path

from tinyinspect.errors import InputError
from tinyinspect.project.compose import write_params
from tinyinspect.project.contents import Brought, bring_in, keep_labels, require_readable
from tinyinspect.project.demonstration import remove_demonstration
from tinyinspect.project.git import commit, git
from tinyinspect.project.merges import UPSTREAM, prepare_merges
from tinyinspect.project.overrides import Settings
from tinyinspect.project.own import write_own
from tinyinspect.project.root import OWN_LINE, is_own_line

# The demonstration bounds how many of its labels are used, for its simulator labels every frame.
_ALL_LABELS = {"data.train_labels": None, "data.test_labels": None}
_README = """\
# Labels

Tables of labels, `*.csv` with the columns `video, frame, label`. Git keeps them: correct a row where it stands.
"""


def new_line(folder: Path, origin: Path, brought: Brought) -> list[str]:
    """Make a line of one's own, complete or not at all.

    Args:
        folder: to make; it may be there, empty.
        origin: the clone that it is made of.
        brought: recordings, and what else there is.

    Returns:
        Sentences on what was made.

    Raises:
        InputError: The folder holds something, or as :func:`bring_in`.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is there and holds something; give a new folder, or use `tinyinspect add` in it")
    require_readable(brought, origin / "conf")
    partial = folder.resolve().with_name(f".{folder.resolve().name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        git(folder.resolve().parent, "clone", "--quiet", "--origin", UPSTREAM, _source(origin), partial)
        git(partial, "checkout", "--quiet", "--no-track", "-B", "main")
        start_line(partial, link=brought.link)
        notes = bring_in(partial, brought)
        finish_line(partial, "A line of its own")
        if folder.exists():
            folder.rmdir()
        partial.replace(folder.resolve())
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return [note.replace(str(partial), str(folder)) for note in notes]


def add_to_line(root: Path, brought: Brought) -> list[str]:
    """Add to a line; see :func:`bring_in`.

    Raises:
        InputError: The project is no line, or as :func:`bring_in`.
    """
    if not is_own_line(root):
        raise InputError(f"{root.resolve()} is no line of one's own; make one with `tinyinspect new`, or go to yours")
    keep_labels(root)
    notes = bring_in(root, brought)
    finish_line(root, "Recordings, labels and settings")
    return notes


def start_line(root: Path, *, link: bool, files: bool = True) -> None:
    """Take the demonstration out of a clone and prepare the places of what is one's own.

    Args:
        root: of the clone.
        link: recordings share their room with DVC's cache.
        files: the demonstration's files are there, and go.
    """
    remove_demonstration(root, files=files)
    (root / "annotations").mkdir(exist_ok=True)
    (root / "annotations/README.md").write_text(_README)
    write_own(root, Settings(values=_ALL_LABELS))
    if link:
        with (root / ".dvc/config.local").open("a") as config:  # of this machine, like what it says
            config.write('[cache]\n    type = "reflink,hardlink,copy"\n')
    prepare_merges(root)
    environment = Path(sys.prefix)
    if sys.prefix != sys.base_prefix and not (root / ".venv").exists():
        (root / ".venv").symlink_to(environment)


def finish_line(root: Path, message: str) -> None:
    """Compose the parameters and commit all that is one's own."""
    write_params(root, [])
    commit(root, message, OWN_LINE, "params.yaml", "data.dvc", "annotations", "photos", ".gitignore")


def _source(origin: Path) -> str:
    """Where a line comes from: of a line, where that line comes from."""
    if is_own_line(origin):
        return git(origin, "remote", "get-url", UPSTREAM).strip()
    return str(origin.resolve())
