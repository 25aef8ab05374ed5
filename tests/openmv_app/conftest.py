"""Bundles of small real int8 files, real-looking frames and the program as it stands, on a board's drive."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.openmv_app.bundles import write_test_bundle, write_test_cascade, write_test_gate
from tests.openmv_app.firmware import Board, solid
from tinyinspect.tasks.cascade import Variant


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A bundle of each variant."""
    folder = tmp_path_factory.mktemp("bundles")
    gate = write_test_gate(folder / "gate")
    classifier = write_test_bundle(folder / "classifier")
    cascade = write_test_cascade(folder / "cascade", gate, classifier)
    return {Variant.GATE: gate, Variant.CLASSIFIER: classifier, Variant.CASCADE: cascade}


@pytest.fixture
def board(bundles: dict[str, Path], tmp_path: Path) -> Callable[..., Board]:
    """A function that makes a board with the bundle of a variant on its drive."""

    def make(
        version: tuple[int, int, int] = (4, 8, 1),
        frames: Any = (),
        *,
        variant: str = Variant.CLASSIFIER,
        **more: Any,
    ) -> Board:
        drive = tmp_path / f"drive_{variant}"
        if not drive.exists():
            shutil.copytree(bundles[variant], drive)
        return Board(version, drive, list(frames) or [solid(0, 255, 0)], **more)

    return make
