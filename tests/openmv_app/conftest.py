"""A bundle of a small real int8 file, three real-looking frames and the program as it stands, on a board's drive."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.openmv_app.bundles import write_test_bundle
from tests.openmv_app.firmware import Board, solid


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_bundle(tmp_path_factory.mktemp("bundle") / "openmv")


@pytest.fixture
def board(bundle: Path, tmp_path: Path) -> Callable[..., Board]:
    """A function that makes a board with the bundle on its drive."""
    drive = tmp_path / "drive"
    shutil.copytree(bundle, drive)

    def make(version: tuple[int, int, int] = (4, 8, 1), frames: Any = (), **more: Any) -> Board:
        return Board(version, drive, list(frames) or [solid(0, 255, 0)], **more)

    return make
