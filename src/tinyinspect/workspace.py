"""Run the same graph on a user's own recordings, in a workspace of its own beside the committed data.

    python -m tinyinspect.workspace FOLDER real [--photos PHOTOS] [--set "OVERRIDE ..."] [OVERRIDE ...]

FOLDER holds ``videos/`` and ``annotations.csv`` (or ``annotations/*.csv``); without annotations the stage `label` says
which frames to annotate. PHOTOS, or FOLDER's own ``photos/``, holds everyday photos for a gate. Both are linked, not
copied. The workspace is a Git and DVC project of its own, so that experiments can be run and compared there too.
"""

import argparse
import os
import shlex
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


def prepare(project: Path, recordings: Path, workspace: Path, overrides: list[str], photos: Path | None = None) -> None:
    """Make or refresh a DVC project in `workspace` that runs the graph of `project` on `recordings`.

    What an earlier run there made is kept, so that the next one repeats only what changed.

    Args:
        project: the repository.
        recordings: the folder of recordings and annotations.
        workspace: the folder to work in.
        overrides: as for ``dvc exp run -S``.
        photos: a folder of everyday photos; by default ``photos`` beside the recordings, which may be absent.

    Raises:
        InputError: There are no recordings or photos where they should be, or an override is wrong.
    """
    if photos is not None and not photos.is_dir():
        raise InputError(f"{photos} is no folder; give one that holds photos")
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
    _link(videos, recordings / "videos", workspace / "data" / "videos")
    photos = photos or recordings / "photos"
    _link([path for path in photos.rglob("*") if path.is_file()], photos, workspace / "photos")
    shutil.copy(project / "photos" / "README.md", workspace / "photos")  # Git keeps no empty folder
    if not (workspace / ".gitignore").exists():  # later DVC's own lines stand there too
        shutil.copy(project / ".gitignore", workspace / ".gitignore")
    _commit(workspace)


def _link(paths: list[Path], folder: Path, target: Path) -> None:
    """Link files below ``folder`` into ``target``, under the same relative paths."""
    with complete_folder(target) as partial:
        for path in paths:
            link = partial / path.relative_to(folder)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.resolve())


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
    run("git", "add", "--all", "--force", *CODE, "dvc.yaml", "params.yaml", "data", "photos", ".dvc", ".gitignore")
    if any((workspace / "annotations").iterdir()):
        run("git", "add", "--all", "annotations")
    if subprocess.run(["git", "diff", "--cached", "--quiet"], cwd=workspace, check=False).returncode:
        run("git", "commit", "--quiet", "--message", "Recordings, annotations, parameters and code of this run")


def main() -> None:
    """Prepare the workspace and run ``dvc repro`` in it."""
    parser = argparse.ArgumentParser(prog="python -m tinyinspect.workspace", description="Run on your own recordings.")
    parser.add_argument("recordings", type=Path, help="folder with videos/ and annotations.csv")
    parser.add_argument("workspace", type=Path, help="folder to work in")
    parser.add_argument("--photos", type=Path, help="folder of everyday photos, for a gate")
    parser.add_argument("--set", default="", help="the same in one text, quoted as for a shell")
    parser.add_argument("overrides", nargs="*", help="parameters, as in train.epochs=300")
    asked = parser.parse_intermixed_args()  # the option may stand among the overrides
    workspace, photos = asked.workspace, asked.photos
    overrides = [*_words(asked.set), *asked.overrides]
    prepare(Path.cwd(), asked.recordings.expanduser(), workspace, overrides, photos and photos.expanduser())
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([*DVC, "repro"], cwd=workspace, env=environment, check=False)
    sys.exit(done.returncode)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InputError(f"the parameters {text!r} cannot be split ({error}); close the quotation mark") from None


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
