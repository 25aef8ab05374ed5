"""The newest of the repository merged into a line: its code changes, and what is one's own stays."""

import subprocess
from pathlib import Path

from tinyinspect.errors import InputError
from tinyinspect.project.demonstration import own_paths
from tinyinspect.project.git import commit, git, names
from tinyinspect.project.merges import UPSTREAM, keep_own, prepare_merges
from tinyinspect.project.root import is_own_line


def update_line(root: Path) -> str:
    """Merge what the repository has checked out now.

    Both sides change the demonstration's paths, each for itself; there the line's own hold.

    Args:
        root: of the line.

    Returns:
        A sentence on what came.

    Raises:
        InputError: The project is no line, the repository is gone, or both sides changed the same code.
    """
    if not is_own_line(root):
        raise InputError(f"{root.resolve()} is no line of one's own; `git pull` updates the repository itself")
    prepare_merges(root)
    commit(root, "Labels and results before an update", *own_paths(root))
    git(root, "fetch", "--quiet", UPSTREAM)
    git(root, "fetch", "--quiet", UPSTREAM, "HEAD")
    new = names(root, "log", "-z", "--format=%h", "HEAD..FETCH_HEAD")
    if not new:
        return "the code is up to date"
    git(root, "merge", "--quiet", "--no-ff", "--no-commit", "--allow-unrelated-histories", "FETCH_HEAD", check=False)
    if not (Path(root) / git(root, "rev-parse", "--git-path", "MERGE_HEAD").strip()).exists():
        raise InputError("Git refuses to merge while files are changed; commit or stash what `git status` names")
    keep_own(root, "HEAD")
    if conflicts := names(root, "diff", "-z", "--name-only", "--diff-filter=U"):
        git(root, "merge", "--abort")
        raise InputError(
            f"you and the repository changed the same lines of {', '.join(conflicts[:5])}; run `git merge "
            f"{UPSTREAM}/HEAD` and settle them"
        )
    git(root, "commit", "--quiet", "--no-verify", "--message", f"Merge {len(new)} commits of the repository")
    return f"{len(new)} commits of the repository merged"


def recompose(root: Path, python: str) -> None:
    """Compose the parameters with the line's own code, which a merge may have changed."""
    command = [python, "-P", "-c", "from tinyinspect.cli.main import main; main()", "compose"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(done.stderr.strip().removeprefix("error: "))
