"""Experiments whose names carry what was set."""

import re
import subprocess
from itertools import compress
from pathlib import Path

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from tinyinspect.errors import InputError


def combinations(overrides: list[str], name: str) -> list[tuple[list[str], str]]:
    """Every combination of values, with the experiment's name, such as "stem.model=resnet9.seed=1".

    Args:
        overrides: in Hydra's language; "seed=0,1" and "seed=range(3)" give several values.
        name: of the sweep.

    Raises:
        InputError: An override or the name is no such thing.
    """
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(f"--name {name!r} names no sweep; use letters, digits, - and _")
    try:
        parsed = OverridesParser.create().parse_overrides(overrides=overrides)
    except HydraException as error:
        raise InputError(
            f"{' '.join(overrides)} is no list of settings ({str(error).splitlines()[0]}); write them as seed=0,1"
        ) from None
    (batch,) = BasicSweeper.split_arguments(parsed, None)
    swept = [one.is_sweep_override() for one in parsed]
    return [(one, ".".join([name, *map(_word, compress(one, swept))])) for one in batch]


def queue(root: Path, overrides: list[str], name: str) -> None:
    """Put an experiment into DVC's queue.

    Raises:
        InputError: DVC refuses it.
    """
    given = [word for value in overrides for word in ("-S", value)]
    command = ["dvc", "exp", "run", "--queue", "--quiet", "--name", name, *given]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"{name} was not queued: {' '.join(done.stderr.removeprefix('ERROR: ').split())}")


def _word(override: str) -> str:
    """An override as a part of a Git name: "train.epochs=[1, 2]" is "epochs=1-2"."""
    key, _, value = override.partition("=")
    clean = re.sub(r"[^\w.=+-]+|\.{2,}", "-", value).strip("-.")
    return f"{re.sub(r'.*[.+@]', '', key)}={clean}"
