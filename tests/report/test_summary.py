"""The last word of a run, from the measures that the repository holds."""

import json
import shutil
from pathlib import Path

import pytest

from tinyinspect.report.summary import summary

ROOT = Path(__file__).parents[2]


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    for name in ("params.yaml", "metrics_full.json", "device.json", "accept.json"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models/report.html").touch()
    return tmp_path


def facts(root: Path) -> dict[str, str]:
    return {name: value.strip() for name, value in (line.split("  ", 1) for line in summary(root).splitlines())}


def test_an_accepted_model_is_to_be_deployed(measured: Path) -> None:
    found = facts(measured)
    assert found["on the camera"].startswith("accuracy ") and "test frames" in found["on the camera"]
    assert found["report"] == str(measured / "models/report.html") and "bundle" not in found
    assert found["next"] == f"cd {measured} && tinyinspect deploy --drive <the camera's drive>"


def test_a_refused_model_is_to_be_mended(measured: Path) -> None:
    refusal = {"refused": 1, "reasons": ["it is slow; take a smaller network"]}
    (measured / "accept.json").write_text(json.dumps(refusal))
    found = facts(measured)
    assert found["REFUSED"] == "it is slow; take a smaller network"
    assert found["next"] == f"do as REFUSED says, then cd {measured} && dvc repro"


def test_without_a_run_there_are_labels_to_give_or_a_run_to_make(tmp_path: Path) -> None:
    assert facts(tmp_path) == {"result": "none yet", "next": f"cd {tmp_path} && dvc repro"}
    (tmp_path / "to_annotate").mkdir()
    (tmp_path / "to_annotate/to_annotate.csv").write_text("video,frame,label\na.avi,1,\na.avi,2,good\n")
    found = facts(tmp_path)
    assert found["labels"].startswith("1 selected frames have none yet") and "tinyinspect label" in found["next"]
