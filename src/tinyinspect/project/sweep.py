"""Experiments whose names carry what was set."""

import re
import subprocess
import sys
from itertools import compress
from pathlib import Path
from tempfile import TemporaryFile

from filelock import FileLock
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from tinyinspect.errors import InputError
from tinyinspect.project.git import dvc, environment


class ExperimentError(Exception):
    """A stage of an experiment failed, or did not measure what is looked for."""


def parsed(overrides: list[str], name: str) -> list[Override]:
    """Settings in Hydra's language.

    Args:
        overrides: "seed=0,1" and "seed=range(3)" give several values.
        name: of the sweep.

    Raises:
        InputError: An override or the name is no such thing.
    """
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(f"--name {name!r} names no sweep; use letters, digits, - and _")
    try:
        return OverridesParser.create().parse_overrides(overrides=overrides)
    except HydraException as error:
        said = str(error).splitlines()[0]
        raise InputError(f"{' '.join(overrides)} is no list of settings ({said}); write them as seed=0,1") from None


def combinations(overrides: list[str], name: str) -> list[tuple[list[str], str]]:
    """Every combination of values, with the experiment's name, such as "stem.model=resnet9.seed=1".

    Args:
        overrides: as for :func:`parsed`.
        name: of the sweep.

    Raises:
        InputError: As for :func:`parsed`; or a setting has endlessly many values.
    """
    given = parsed(overrides, name)
    endless = [one.key_or_group for one in given if one.is_sweep_override() and not one.is_discrete_sweep()]
    if endless:
        raise InputError(f"{endless[0]} has endlessly many values; list some, or let `tinyinspect search` choose them")
    (batch,) = BasicSweeper.split_arguments(given, None)
    swept = [one.is_sweep_override() for one in given]
    return [(one, ".".join([name, *map(word, compress(one, swept))])) for one in batch]


def queue(root: Path, overrides: list[str], name: str) -> None:
    """Put an experiment into DVC's queue.

    Raises:
        InputError: DVC refuses it.
    """
    dvc(root, "exp", "run", "--queue", *_settings(overrides), "--name", name)


def run(root: Path, overrides: list[str], name: str) -> None:
    """Run an experiment in a folder of its own, beside others; its stages print what they print.

    Raises:
        ExperimentError: A stage fails.
        InputError: DVC refuses it.
    """
    command = [sys.executable, "-m", "dvc", "exp", "run", "--temp", *_settings(overrides), "--name", name]
    unbuffered = environment() | {"PYTHONUNBUFFERED": "1"}
    with (
        TemporaryFile("w+") as errors,
        _starting(root) as lock,
        subprocess.Popen(
            command, cwd=root, env=unbuffered, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if line.startswith("Reproducing experiment"):
                lock.release()
        failed = process.wait()
        errors.seek(0)
        said = errors.read()
    if not failed:
        return
    print(said, end="", file=sys.stderr)
    if "failed to reproduce" in said:
        raise ExperimentError(name)
    said = " ".join(said.split())
    raise InputError(f"DVC does not run {name}: {said}; do as it says, then run the same command again")


def _starting(root: Path) -> FileLock:
    """Held while DVC starts an experiment: of two that start at once it may run one twice and the other never."""
    folder = root / ".dvc" / "tmp"
    folder.mkdir(exist_ok=True)
    return FileLock(folder / "starting.lock")


def _settings(overrides: list[str]) -> list[str]:
    return [part for override in overrides for part in ("-S", override)]


def word(override: str) -> str:
    """An override as a part of a Git name: "train.epochs=[1, 2]" is "epochs=1-2"."""
    key, _, value = override.partition("=")
    clean = re.sub(r"[^\w.=+-]+|\.{2,}", "-", value).strip("-.")
    return f"{re.sub(r'.*[.+@]', '', key)}={clean}"
