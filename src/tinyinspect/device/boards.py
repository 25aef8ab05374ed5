"""The boards of ``conf/board/`` and what each firmware release changes for a model."""

import difflib
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from tinyinspect.camera import Fit
from tinyinspect.config.board import Board
from tinyinspect.errors import InputError


@dataclass(frozen=True)
class Firmware:
    """What an OpenMV firmware release offers to a model and the program around it."""

    since: tuple[int, int, int]
    camera: str  # the module that takes pictures
    fit: Fit  # how a picture is fitted into the model's input
    romfs: bool  # a model can be used in place from ROMFS
    load_to_fb: bool  # a model can be copied into the frame memory instead of the heap
    uma: bool  # a model goes into the pool of the frame buffers by itself, where the heap has no room


# The operators, the input contract and the cost of an operator are the same in all of these.
_RELEASES = (
    Firmware((4, 5, 6), "sensor", Fit.CROP, romfs=False, load_to_fb=True, uma=False),
    Firmware((4, 6, 0), "csi", Fit.CROP, romfs=True, load_to_fb=True, uma=False),
    Firmware((4, 8, 0), "csi.CSI()", Fit.CROP, romfs=True, load_to_fb=True, uma=False),
    Firmware((5, 0, 0), "csi.CSI()", Fit.STRETCH, romfs=True, load_to_fb=False, uma=True),
)
_NEWEST = (5, 0, 0)


def firmware_of(version: str) -> Firmware:
    """What firmware ``version`` ("4.8.1") offers.

    Raises:
        InputError: The version is not of the form 4.8.1, or is outside 4.5.6 to 5.0.0.
    """
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError(f"firmware '{version}' is no version; write it like 5.0.0")
    number = (int(parts[0]), int(parts[1]), int(parts[2]))
    if not _RELEASES[0].since <= number <= _NEWEST:
        raise InputError(f"firmware {version} is outside what is known; choose one from 4.5.6 to 5.0.0")
    return max((release for release in _RELEASES if release.since <= number), key=lambda release: release.since)


def read_boards(folder: Path) -> dict[str, Board]:
    """All boards described in ``folder`` (``conf/board``), by name.

    Raises:
        InputError: The folder holds no board, or a file does not follow the schema.
    """
    boards = {path.stem: _board(path) for path in sorted(folder.glob("*.yaml"))}
    if not boards:
        raise InputError(f"{folder} holds no board; run in the root of the repository")
    return boards


def read_board(folder: Path, name: str) -> Board:
    """One board of ``folder`` by its name.

    Raises:
        InputError: No board has this name; the sentence gives the nearest one.
    """
    boards = read_boards(folder)
    if name not in boards:
        near = difflib.get_close_matches(name, boards, n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(boards)}"
        raise InputError(f"unknown board '{name}'; {hint}")
    return boards[name]


def _board(path: Path) -> Board:
    try:
        content = yaml.safe_load(path.read_text())
        # A board that brings an accelerator stands in Hydra's global package.
        return Board.model_validate(content["board"] if "defaults" in content else content)
    except (yaml.YAMLError, ValidationError, TypeError, KeyError) as error:
        raise InputError(f"{path} describes no board ({' '.join(str(error).split())}); correct it") from None
