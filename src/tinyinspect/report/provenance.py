"""Where a model comes from: the commit, its data, what was set otherwise than by default, the versions."""

import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

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
    found = _git("log", "-1", "--format=%h of %cd", "--date=format:%Y-%m-%d %H:%M")
    if not found:
        return "none"
    return f"{found}, with changes on top" if _git("status", "--porcelain", "--", *OF_THE_RESULT) else found


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


def _git(*arguments: str) -> str:
    answer = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
