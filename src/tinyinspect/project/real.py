"""The one-line way: a line is made, adopted or added to, whichever is due."""

from pathlib import Path

from tinyinspect.project.adopt import adopt, is_old_workspace
from tinyinspect.project.contents import Brought
from tinyinspect.project.demonstration import own_paths
from tinyinspect.project.git import commit
from tinyinspect.project.line import add_to_line, new_line
from tinyinspect.project.root import is_own_line
from tinyinspect.project.update import update_line


def prepare(folder: Path, origin: Path, brought: Brought) -> list[str]:
    """Make a line in a folder, or bring the one that is there up to date and add to it.

    Args:
        folder: of the line.
        origin: the clone that a new one is made of.
        brought: what to add.

    Returns:
        Sentences on what was done.

    Raises:
        InputError: As :func:`new_line`, :func:`adopt`, :func:`update_line` and :func:`add_to_line`.
    """
    if is_old_workspace(folder):
        return [*adopt(folder, origin), *add_to_line(folder, brought)]
    if not is_own_line(folder):
        return new_line(folder, origin, brought)
    return [update_line(folder), *add_to_line(folder, brought)]


def keep_results(root: Path) -> bool:
    """Commit what a run made and Git keeps; whether there was a change."""
    # DVC adds what it keeps to the ignored files.
    return commit(root, "Results of a run", *own_paths(root), ".gitignore", "models/.gitignore")
