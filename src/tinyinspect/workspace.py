"""Run the same graph on a user's own recordings, in a workspace of its own beside the committed data.

    python -m tinyinspect.workspace FOLDER real [OVERRIDE ...]

FOLDER holds ``videos/`` and ``annotations.csv`` (or ``annotations/*.csv``); without annotations the stage `label` says
which frames to annotate. The recordings are linked, not copied. The
workspace is a Git and DVC project of its own, so that experiments can be run and compared there too.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from omegaconf import OmegaConf

from tinyinspect.compose import composed
from tinyinspect.errors import InputError, reported
from tinyinspect.files import complete_file, complete_folder

DVC = (sys.executable, "-m", "dvc")
CODE = ("conf", "stages", "src", "openmv_app")


def prepare(project: Path, recordings: Path, workspace: Path, overrides: list[str]) -> None:
    """Make or refresh a DVC project in `workspace` that runs the graph of `project` on `recordings`.

    What an earlier run there made is kept, so that the next one repeats only what changed.

    Raises:
        InputError: There are no recordings, or an override is wrong.
    """
    videos, annotations = _videos(recordings), _annotations(recordings)
    params = composed(project / "conf", overrides)
    for name in CODE:
        with complete_folder(workspace / name) as target:
            shutil.copytree(project / name, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(project / "dvc.yaml", workspace / "dvc.yaml")
    with complete_file(workspace / "params.yaml") as target:
        target.write_text(OmegaConf.to_yaml(OmegaConf.create(params)))
    with complete_folder(workspace / "annotations") as target:
        for path in annotations:
            shutil.copy(path, target / path.name)
    with complete_folder(workspace / "data" / "videos") as target:
        for path in videos:
            link = target / path.relative_to(recordings / "videos")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.resolve())
    if not (workspace / ".gitignore").exists():  # later DVC's own lines stand there too
        shutil.copy(project / ".gitignore", workspace / ".gitignore")
    _commit(workspace)


def _commit(workspace: Path) -> None:
    """Keep the workspace as a Git and DVC project of its own: `dvc exp run` and `dvc metrics diff` work there."""

    def run(*command: str) -> None:
        subprocess.run(command, cwd=workspace, check=True, stdout=subprocess.DEVNULL)

    if not (workspace / ".git").is_dir():
        run("git", "init", "--quiet")
        run("git", "config", "user.name", "tinyinspect")
        run("git", "config", "user.email", "tinyinspect@localhost")
        run(*DVC, "init", "--quiet")
        run(*DVC, "config", "hydra.enabled", "True")
        run(*DVC, "config", "core.analytics", "false")
    run("git", "add", "--all", "--force", *CODE, "dvc.yaml", "params.yaml", "data", ".dvc", ".gitignore")
    if any((workspace / "annotations").iterdir()):
        run("git", "add", "--all", "annotations")
    if subprocess.run(["git", "diff", "--cached", "--quiet"], cwd=workspace, check=False).returncode:
        run("git", "commit", "--quiet", "--message", "Recordings, annotations, parameters and code of this run")


def main() -> None:
    """Prepare the workspace and run ``dvc repro`` in it."""
    if len(sys.argv) < 3:
        raise InputError("say where the recordings are and where to work: python -m tinyinspect.workspace FOLDER real")
    recordings, workspace = Path(sys.argv[1]).expanduser(), Path(sys.argv[2])
    prepare(Path.cwd(), recordings, workspace, sys.argv[3:])
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([*DVC, "repro"], cwd=workspace, env=environment, check=False)
    sys.exit(done.returncode)


def _videos(recordings: Path) -> list[Path]:
    videos = recordings / "videos"
    found = sorted(path for path in videos.rglob("*") if path.is_file()) if videos.is_dir() else []
    if not found:
        raise InputError(f"{videos} holds no recordings; put at least one video there")
    return found


def _annotations(recordings: Path) -> list[Path]:
    single = recordings / "annotations.csv"
    return [single] if single.is_file() else sorted((recordings / "annotations").glob("*.csv"))


if __name__ == "__main__":
    with reported():
        main()
