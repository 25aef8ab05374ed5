"""Where a model comes from: the commit, its data, what was set otherwise than by default, the versions."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tinyinspect import git

PACKAGES = ["torch", "tensorflow", "onnx2tf", "tflite-micro", "dvc"]
Changed = tuple[str, str, str]  # dotted name, value, default
OF_THE_RESULT = ["src", "stages", "conf", "openmv_app", "annotations", "params.yaml", "dvc.yaml", "data.dvc"]


def provenance(data_hash: str, seed: int) -> list[tuple[str, str]]:
    """Names and values, in the order in which they are shown."""
    return [
        ("commit", commit()),
        ("recordings", f"MD5 {data_hash}"),
        ("seed", str(seed)),
        ("Python", platform.python_version()),
        *((name, _version(name)) for name in PACKAGES),
    ]


def commit() -> str:
    """The commit with its time, and whether code, settings or labels differ from it."""
    found = git.ask("log", "-1", "--format=%h of %cd", "--date=format:%Y-%m-%d %H:%M")
    if not found:
        return "none"
    changed = git.ask("status", "--porcelain", "--", *OF_THE_RESULT)
    return f"{found.strip()}, with changes on top" if changed else found.strip()


def changed_params(params: Mapping[str, Any], defaults: Mapping[str, Any], prefix: str = "") -> list[Changed]:
    """Parameters that differ from the defaults ("-" where there is none)."""
    rows: list[Changed] = []
    for name, value in params.items():
        usual = defaults.get(name, "-")
        if isinstance(value, Mapping) and value:
            rows += changed_params(value, usual if isinstance(usual, Mapping) else {}, f"{prefix}{name}.")
        elif value != usual:
            rows.append((f"{prefix}{name}", str(value), str(usual)))
    return rows


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
