from pathlib import Path

import pytest
from PIL import Image

from tinyinspect.simulation.__main__ import main


def test_command_writes_videos_truth_and_contact_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    places = ["--output", "videos", "--annotations", "truth.csv", "--contact-sheet", "sheet.png"]
    arguments = [str(tmp_path / word) if "." in word or word == "videos" else word for word in places]
    main([*arguments, "--recordings", "1", "--frames", "30", "--seed", "3"])
    assert [path.name for path in (tmp_path / "videos").iterdir()] == ["line_00.avi"]
    assert len((tmp_path / "truth.csv").read_text().splitlines()) == 31
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height == 244
    assert capsys.readouterr().out.startswith("1 recordings of 30 frames in ")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--frames", "0"], "--frames: '0' is no whole number from 1"),
        (["--quality", "good"], "--quality: 'good'"),
        (["--recordings", "2.5"], "--recordings: '2.5'"),
        (["--sead", "1"], "--sead"),
        (["--output", "{file}"], "choose another --output"),
        (["--annotations", "{folder}"], "is a folder; name a file in it"),
    ],
)
def test_bad_arguments_get_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    found: str,
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as stopped:
        main([word.format(file=tmp_path / "file", folder=tmp_path) for word in arguments])
    error = capsys.readouterr().err
    assert stopped.value.code == 1
    assert error.startswith("error: ") and error.count("\n") == 1 and found in error
