"""``tinyinspect check``, as a user calls it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.device.networks import Network, resnet9
from tinyinspect.config.board import BoardName

RUN = "from tinyinspect.cli.main import main; main()"


def _check(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return resnet9(tmp_path / "net.tflite")


def test_the_status_is_that_of_loading(model: Path) -> None:
    good = _check(model, "--board", "openmv_h7", "--firmware", "4.8.1")
    assert good.returncode == 0 and "firmware 4.8.1" in good.stdout and "was it trained so?" in good.stdout
    bad = _check(model, "--board", "openmv_m7")
    assert bad.returncode == 1 and bad.stderr.startswith("error: ") and bad.stderr.count("\n") == 1
    assert "it does not load" in bad.stdout


def test_a_table_of_all_nine_boards(model: Path) -> None:
    lines = _check(model, "--all").stdout.splitlines()
    assert len(lines) == 2 + len(BoardName) == 11
    cells = {line.split("|")[1].split(",")[0].strip(): [cell.strip() for cell in line.split("|")] for line in lines[2:]}
    assert cells["OpenMV Cam M7"][3] == "no" and cells["OpenMV Cam N6"][6] == "?"
    assert 0 < float(cells["OpenMV Cam AE3"][6]) < 5  # compiled, in milliseconds


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--board", "openmv_h8"], "unknown board 'openmv_h8'; did you mean"),
        (["--all", "--board", "openmv_h7"], "--all and --board exclude each other"),
        (["--all", "--firmware", "9.9.9"], "firmware 9.9.9 is outside"),
    ],
)
def test_what_is_asked_wrong_is_one_sentence(model: Path, arguments: list[str], sentence: str) -> None:
    run = _check(model, *arguments)
    assert run.returncode == 1 and run.stderr.startswith("error: ") and run.stderr.count("\n") == 1
    assert sentence in run.stderr


def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(b"no model at all")
    run = _check(tmp_path / "net.tflite", "--board", "openmv_ae3")
    assert run.returncode == 1 and "is no TensorFlow Lite model" in run.stderr and run.stderr.count("\n") == 1


def test_own_files_must_see_what_they_were_trained_on(tmp_path: Path) -> None:
    network = Network()
    path = network.write(tmp_path / "net.tflite", network.conv(network.input(1, 16, 16, 3, scale=1.0), 8))
    assert _check(path, "--board", "openmv_h7").returncode == 0
    own = _check(path, "--board", "openmv_h7", "--own")
    assert own.returncode == 1 and "it was trained on 0 to 1" in own.stderr
