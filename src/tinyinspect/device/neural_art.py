"""Compiling an int8 file for the Neural-ART of the OpenMV Cam N6 with ST Edge AI Core, whose program is ``stedgeai``.

The arguments and the environment are OpenMV's, who make the models of that board's ROMFS in the same way: OpenMV IDE
(``stedgeai.cpp``, and the board's entry in its ``firmware/settings.json``) and the firmware (``tools/modelc.py``). What
comes out is a relocatable binary that the firmware runs in place (``lib/stai/stai_backend.c``). The memories that it
may use stand in ``neuralart.json`` and in the memory pools that this names. Both are files of OpenMV's, and there is a
pair for each firmware.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tinyinspect.config.accelerator import Accelerator
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file, parse_json

TOOL = "stedgeai"
_IDE_PROFILE = Path("firmware", "OPENMV_N6", "neuralart.json")  # beside the folder of OpenMV IDE's stedgeai
_PROFILE, _NAME = "default", "neuralart.json"
_MARK = b"NBIN"  # the first bytes of a relocatable binary
_OPTIMIZATION = "--optimization 3"  # for the place that the profile leaves for it, a %, as the IDE does
_MAKE = ("RM", "CFLAGS", "CPPFLAGS", "CXXFLAGS", "LDFLAGS", "MAKEFLAGS")  # would reach the makefiles of ST's scripts
_TIMEOUT_S = 600


@dataclass(frozen=True)
class Relocatable:
    """A file that ``stedgeai`` made.

    Attributes:
        version: of the compiler, in its own words; the firmware's runtime must be of the same release.
        file_bytes: size of the file.
    """

    version: str
    file_bytes: int


def can_compile(accelerator: Accelerator) -> bool:
    """Whether ``stedgeai`` is on the PATH and OpenMV's profile where it is looked for."""
    tool = shutil.which(TOOL)
    return tool is not None and _profile(tool, accelerator).is_file()


def compile_for_neural_art(model: Path, accelerator: Accelerator, target: Path) -> Relocatable:
    """Compile ``model`` into ``target``.

    Raises:
        InputError: ``stedgeai`` is not on the PATH, OpenMV's profile is missing or is none, or the model is refused.
    """
    tool = shutil.which(TOOL)
    if tool is None:
        raise InputError(
            "stedgeai is not on the PATH; add its folder (of OpenMV IDE: share/qtcreator/stedgeai/Utilities/linux), or "
            "set accelerator=none and let OpenMV IDE compile the file"
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _take_profile(_profile(tool, accelerator), folder)
        version = _run([tool, "--version"], tool, folder, model).strip().splitlines()
        made = _generate(tool, model, folder)
        content = made.read_bytes()
        with complete_file(target) as partial:
            partial.write_bytes(content)
    return Relocatable(version[0] if version else "unknown", len(content))


def _generate(tool: str, model: Path, folder: Path) -> Path:
    options = ["--target", "stm32n6", "--relocatable", "--st-neural-art", f"{_PROFILE}@{_NAME}"]
    words = _run([tool, "generate", "--model", str(model.resolve()), *options], tool, folder, model)
    made = folder / "st_ai_output" / "network_rel.bin"
    source, script = made.with_name("network.c"), _core(tool) / "scripts" / "N6_reloc" / "npu_driver.py"
    if not made.exists() and source.exists() and script.exists():  # before ST Edge AI Core 3.0, in two steps
        own = Path(tool).resolve().parent / ("python.exe" if os.name == "nt" else "python")
        python = str(own) if own.exists() else sys.executable
        words = _run([python, str(script), "--input", str(source), "--output", "build"], tool, folder, model)
        made = folder / "build" / made.name
    if not made.exists() or not made.read_bytes().startswith(_MARK):
        raise InputError(
            f"stedgeai made no relocatable binary of {model} ({_last(words)}); take the stedgeai of OpenMV IDE, or set "
            "accelerator=none"
        )
    return made


def _run(command: list[str], tool: str, folder: Path, model: Path) -> str:
    core = _core(tool)
    # Where OpenMV IDE keeps the ARM compiler that ST's scripts call; other installations have it on the PATH.
    paths = [str(Path(tool).resolve().parent), str(core.parent / "arm" / "bin"), os.environ.get("PATH", "")]
    environment = {name: value for name, value in os.environ.items() if name not in _MAKE}
    environment |= {"PATH": os.pathsep.join(paths), "STEDGEAI_CORE_DIR": str(core), "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            encoding="utf-8", errors="replace", timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InputError(
            f"stedgeai does not end on {model}; make the network smaller, or set accelerator=none"
        ) from None
    except OSError as error:
        raise InputError(f"{command[0]} does not start ({error.strerror}); correct the PATH") from None
    words = done.stdout + done.stderr
    if done.returncode:
        last = _last(words) or f"status {done.returncode}"
        raise InputError(f"stedgeai fails on {model} ({last}); change the network, or set accelerator=none")
    return words


def _take_profile(profile: Path, folder: Path) -> None:
    """Copy the profile and the memory pools that it names, side by side as ``stedgeai`` looks for them."""
    remedy = (
        "set accelerator.profile to OpenMV's neuralart.json (OpenMV IDE keeps it in share/qtcreator/firmware/OPENMV_N6)"
    )
    try:
        content = parse_json(profile.read_text(encoding="utf-8").replace("%", _OPTIMIZATION))
        chosen = content["Profiles"][_PROFILE]
        pools = Path(chosen["memory_pool"])
        shutil.copyfile(profile.parent / pools, folder / pools.name)
    except FileNotFoundError as error:
        raise InputError(f"{error.filename} is missing; {remedy}") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{profile} names no memory pools for stedgeai; {remedy}") from None
    chosen["memory_pool"] = pools.name
    (folder / _NAME).write_text(json.dumps(content, indent=2), encoding="utf-8")


def _profile(tool: str, accelerator: Accelerator) -> Path:
    return Path(accelerator.profile) if accelerator.profile else _core(tool).parent / _IDE_PROFILE


def _core(tool: str) -> Path:
    """The installation that ``<core>/Utilities/<system>/stedgeai`` belongs to."""
    return Path(tool).resolve().parent.parent.parent


def _last(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "error" in line.lower()), lines[-1] if lines else "")
