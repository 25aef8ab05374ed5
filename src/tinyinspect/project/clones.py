"""Clones to run the code of a project in, as it stands."""

import shutil
from pathlib import Path

from tinyinspect.project.compose import write_params
from tinyinspect.project.demonstration import own_paths
from tinyinspect.project.git import commit, git, names
from tinyinspect.project.merges import UPSTREAM
from tinyinspect.project.root import is_own_line


def clone_as_it_stands(root: Path, folder: Path) -> None:
    """Clone a project with the changes that are not committed yet.

    Args:
        root: of the project.
        folder: of the clone, which is made.
    """
    git(root, "clone", "--quiet", ".", folder.resolve())
    for name in names(root, "ls-files", "-z", "--modified", "--others", "--exclude-standard"):
        source, target = root / name, folder / name
        target.unlink(missing_ok=True)
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    commit(folder, "As it stands", ".")


def clone_for_tests(root: Path, folder: Path) -> None:
    """Clone a project to test its code: a line's has the demonstration in place of recordings, labels and settings.

    Args:
        root: of the project.
        folder: of the clone, which is made.

    Raises:
        InputError: A line has no commit in common with its repository.
    """
    clone_as_it_stands(root, folder)
    if is_own_line(root):
        branches = git(root, "for-each-ref", "--format=%(objectname)", f"refs/remotes/{UPSTREAM}").split()
        _put_demonstration_back(folder, git(root, "merge-base", "HEAD", *branches).strip())


def _put_demonstration_back(folder: Path, before: str) -> None:
    own = own_paths(folder)
    git(folder, "rm", "--quiet", "-r", "--ignore-unmatch", "--", *own)
    git(folder, "checkout", before, "--", *names(folder, "ls-tree", "-r", "-z", "--name-only", before, *own))
    write_params(folder, [])
    git(folder, "add", "--", "params.yaml")
    git(folder, "commit", "--quiet", "--no-verify", "--message", "With the demonstration")
