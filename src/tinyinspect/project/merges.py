"""``git merge upstream/main`` in a line ends without a conflict over what each project has for itself.

Git is told so in the line's own ``.git``. By a filter, the repository's versions of files that the line does not have
count as empty, so that Git sees no change in them. A merge driver keeps the line's version of those that it has. A hook
takes out what the merge added and composes the parameters anew. Merges of the line's own branches stay as they are.
"""

import os
import shlex
import sys
from pathlib import Path

from tinyinspect.errors import reported
from tinyinspect.project.compose import write_params
from tinyinspect.project.demonstration import own_paths
from tinyinspect.project.git import git, names
from tinyinspect.project.root import is_own_line

UPSTREAM = "upstream"
_NAME = "own"  # of the filter and of the driver
# `git merge` tells its children in the environment what it merges.
_IS_UPSTREAM = (
    "merged=$(env | sed -n s/^GITHEAD_//p | cut -d= -f1); "
    f'upstream() {{ [ -n "$merged" ] && [ -n "$(git for-each-ref --contains $merged refs/remotes/{UPSTREAM})" ]; }}; '
)
_FILTER = f'{_IS_UPSTREAM}if upstream && ! git cat-file -e "HEAD:$1" 2>/dev/null; then exit 0; fi; cat'
_DRIVER = (
    f"{_IS_UPSTREAM}if upstream; then exit 0; fi; "
    'case "$4" in annotations/*.csv) union=--union ;; esac; git merge-file $union "$2" "$1" "$3"'
)
_HOOK = """\
#!/bin/sh
# Made by tinyinspect: after a merge of the repository, what is this line's own is as it was.
[ "$1" = 0 ] || exit 0
PYTHONPATH=src exec {python} -P -c 'from tinyinspect.project.merges import main; main()'
"""


def prepare_merges(root: Path) -> None:
    """Tell the Git of a line how to merge the repository; a hook of the user's own is left as it is.

    Args:
        root: of the line.
    """
    folder = Path(root, git(root, "rev-parse", "--git-common-dir").strip())
    git(root, "config", "merge.renormalize", "true")  # which calls the filter
    # A command of words: DVC adds files by a Git of its own, which runs filters without a shell.
    git(root, "config", f"filter.{_NAME}.clean", f"sh -c {shlex.quote(_FILTER)} {_NAME} %f")
    git(root, "config", f"merge.{_NAME}.name", "the line's own version, where the repository is merged")
    git(root, "config", f"merge.{_NAME}.driver", f"sh -c {shlex.quote(_DRIVER)} {_NAME} %O %A %B %P")
    attributes, hook = folder / "info/attributes", folder / "hooks/post-merge"
    known = attributes.read_text().splitlines() if attributes.is_file() else []
    wanted = [f"/{path}{below} filter={_NAME} merge={_NAME}" for path in own_paths(root) for below in ("", "/**")]
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("\n".join([*known, *(one for one in wanted if one not in known)]) + "\n")
    if not hook.exists() or "tinyinspect" in hook.read_text():
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK.format(python=shlex.quote(sys.executable)))
        hook.chmod(0o755)


def settle_merge(root: Path) -> None:
    """After a merge of the repository, put back what is the line's own and compose the parameters.

    Args:
        root: of the line; its newest commit is the merge, else nothing happens.

    Raises:
        InputError: The line's settings do not fit the merged ``conf/``.
    """
    if not is_own_line(root) or not _is_of_upstream(root):
        return
    keep_own(root, "HEAD^1")
    try:
        write_params(root, [])
        git(root, "add", "--", "params.yaml")
    finally:
        _amend(root)


def keep_own(root: Path, before: str) -> None:
    """Put back what is the line's own as it was in the commit ``before``, in the index and in the files."""
    own = own_paths(root)
    touched = {
        *names(root, "diff", "-z", "--cached", "--no-renames", "--name-only", before, "--", *own),
        *names(root, "diff", "-z", "--name-only", "--diff-filter=U", "--", *own),
    }
    had = set(names(root, "ls-tree", "-r", "-z", "--name-only", before))
    if back := sorted(touched & had):
        git(root, "checkout", before, "--", *back)
    if foreign := sorted(touched - had):
        git(root, "rm", "--quiet", "--force", "--", *foreign)


def _amend(root: Path) -> None:
    """Make the merge anew with what the index holds; while the hook runs, `git commit` takes it for unfinished."""
    tree, message = git(root, "write-tree").strip(), git(root, "log", "-1", "--format=%B")
    parents = [word for parent in ("HEAD^1", "HEAD^2") for word in ("-p", parent)]
    git(root, "update-ref", "HEAD", git(root, "commit-tree", tree, *parents, "-m", message.strip()).strip())


def _is_of_upstream(root: Path) -> bool:
    merged = git(root, "rev-parse", "--quiet", "--verify", "HEAD^2", check=False).strip()
    return bool(merged and git(root, "for-each-ref", "--contains", merged, f"refs/remotes/{UPSTREAM}"))


def main() -> None:
    """What the hook calls, in the line's root."""
    # Git gives a hook the paths of its own files, which another Git command would take for those of its project.
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        os.environ.pop(name, None)
    with reported():
        settle_merge(Path())
