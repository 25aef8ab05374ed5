from pathlib import Path

import pytest

from tests.device.verified import VERIFIED, verified
from tests.tasks.measured import of_classifier
from tinyinspect.config.accept import Accept
from tinyinspect.device.device_file import DeviceFile
from tinyinspect.errors import InputError
from tinyinspect.files import write_json
from tinyinspect.tasks.limits import refusals


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, accuracy=0.9)
    return tmp_path


def write(folder: Path, accuracy: float, lost: tuple[float, float] = (0.0, 0.0), board: DeviceFile = VERIFIED) -> None:
    write_json(of_classifier(accuracy=accuracy, lost=lost), folder / "metrics.json")
    write_json(board, folder / "device.json")


def judged(folder: Path, most_lost: float | None = None, beat_constant: bool = True) -> list[str]:
    accept = Accept(beat_constant=beat_constant)
    return refusals("classifier", accept, most_lost, folder / "metrics.json", folder / "device.json")


def test_a_good_model_is_accepted(project: Path):
    assert judged(project) == []


@pytest.mark.parametrize("accuracy", [0.46, 0.73])
def test_a_model_that_does_not_beat_a_constant_answer_is_refused(project: Path, accuracy: float):
    write(project, accuracy)
    (sentence,) = judged(project)
    assert "always answering 'good' gets 73.0 %" in sentence and "accept.beat_constant" in sentence
    assert judged(project, beat_constant=False) == []


def test_points_lost_are_refused_beyond_their_interval_alone(project: Path):
    write(project, 0.9, lost=(2.0, 0.4))
    assert judged(project, most_lost=0.5) == [] and judged(project) == []
    write(project, 0.9, lost=(2.0, 0.6))
    (sentence,) = judged(project, most_lost=0.5)
    assert "int8 loses 2.00 points" in sentence and "max_accuracy_lost_points 0.5" in sentence


def test_a_misfit_names_the_board_and_all_reasons_come_together(project: Path):
    misfit = verified(fits=False, board="openmv_m7", reasons=["arena of 9 bytes"], changes=["input 32"])
    write(project, 0.5, board=misfit)
    first, second = judged(project)
    assert first == "it does not run on openmv_m7: arena of 9 bytes; it would fit with input 32"
    assert "always answering" in second


def test_a_file_that_is_missing_or_of_another_version_is_one_sentence(project: Path):
    (project / "device.json").write_text("[]")
    with pytest.raises(InputError, match="run `dvc repro"):
        judged(project)
    (project / "device.json").unlink()
    with pytest.raises(InputError, match="run `dvc repro verify`"):
        judged(project)
