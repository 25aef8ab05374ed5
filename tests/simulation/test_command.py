from pathlib import Path

import pytest
from PIL import Image

from tinyinspect.errors import InputError
from tinyinspect.simulation.command import simulate_line
from tinyinspect.simulation.render import Line


def test_it_writes_videos_truth_and_contact_sheet(tmp_path: Path):
    said = simulate_line(Line(3, 1, 30, 19), tmp_path / "videos", tmp_path / "truth.csv", tmp_path / "sheet.png")
    assert [path.name for path in (tmp_path / "videos").iterdir()] == ["line_00.avi"]
    assert len((tmp_path / "truth.csv").read_text().splitlines()) == 31
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height == 244
    assert said.startswith("1 recordings of 30 frames in ")


@pytest.mark.parametrize(
    ("videos", "truth", "found"),
    [("file", "truth.csv", "choose another --output"), ("videos", "folder", "is a folder; name a file in it")],
)
def test_places_that_cannot_be_written_are_refused_before_anything_is_made(tmp_path: Path, videos, truth, found):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=found):
        simulate_line(Line(0, 1, 30, 19), tmp_path / videos, tmp_path / truth, None)
    assert list((tmp_path / "folder").iterdir()) == []
