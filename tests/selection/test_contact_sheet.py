from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection import contact_sheet
from tinyinspect.selection.contact_sheet import CELL, HEADER, MARGIN, draw_contact_sheet

CLASSES = ["good", "defective"]


def draw(store: FrameStore, rows: list[int], target: Path) -> np.ndarray:
    labels = ["", "good", "defective"] * len(store)
    frames = store.index.assign(label=labels[: len(store)]).loc[rows]
    draw_contact_sheet(store, frames, "Training set", CLASSES, target)
    with Image.open(target) as sheet:
        return np.array(sheet)


def thumbnail(store: FrameStore, row: int) -> np.ndarray:
    return np.array(Image.fromarray(store.picture(row)).resize((CELL, round(CELL * 60 / 80))))


def test_each_frame_stands_in_its_cell(store: FrameStore, tmp_path: Path) -> None:
    rows = [3, 9, 14, 20]
    sheet = draw(store, rows, tmp_path / "sheet.png")
    for place, row in enumerate(rows):
        expected = thumbnail(store, row)
        x = MARGIN + place * (CELL + MARGIN)
        cell = sheet[HEADER : HEADER + len(expected), x : x + CELL]
        assert abs(cell.astype(int) - expected).mean() < 2


def test_of_too_many_some_are_shown(store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = draw(store, list(range(26)), tmp_path / "whole.png")
    monkeypatch.setattr(contact_sheet, "MOST", 8)
    assert draw(store, list(range(26)), tmp_path / "part.png").shape[0] < whole.shape[0] / 2


def test_captions_fit_their_cells(store: FrameStore, tmp_path: Path) -> None:
    store.index["recording"] = "a/very/long/folder/with/a/very/long/name/of/a/recording.avi"
    sheet = draw(store, [0, 1], tmp_path / "sheet.png")
    between = sheet[HEADER:, MARGIN + CELL : 2 * MARGIN + CELL]
    assert (between == 255).all()
