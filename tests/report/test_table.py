import copy
import json

import numpy as np
import pytest
from rich.console import Console

from tinyinspect.errors import InputError
from tinyinspect.report import table
from tinyinspect.tasks.classifier import wording
from tinyinspect.tasks.classifier.measures import measure


@pytest.fixture(scope="module")
def metrics():
    labels = np.repeat([0, 1, 2], [50, 23, 180])
    logits = np.eye(3, dtype=np.float32)[labels]
    worse = logits[:, [1, 0, 2]].copy()
    worse[2:] = logits[2:]
    outputs = dict.fromkeys(table.RUNTIMES, logits) | {"tflite_micro": worse}
    return measure(outputs, labels, ["good", "defective", "no_mask"], 0)


def printed(metrics, width: int) -> str:
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    table.print_metrics(metrics, wording, console)
    return console.export_text()


def test_the_table_fits_a_terminal_of_80_columns_and_says_all(metrics):
    text = printed(metrics, 80)
    assert "…" not in text
    rows = [line.split() for line in text.splitlines()]
    assert ["TFLite", "Micro", "(camera)", "99.2", "98.7", "96.0", "100.0", "100.0"] in rows
    assert ["PyTorch", "100.0", "100.0", "100.0", "100.0", "100.0"] in rows


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_wide_table_wraps_between_columns_and_never_inside_a_number(width):
    names = ["free", "blowhole", "break", "crack", "fray", "uneven"]
    labels = np.repeat(range(6), 30)
    logits = np.eye(6, dtype=np.float32)[labels]
    text = printed(measure(dict.fromkeys(table.RUNTIMES, logits), labels, names, 0), width)
    assert text.count("TFLite Micro (camera)") == text.count("runtime ") >= 1
    assert all(text.count(name) >= 1 for name in names)
    assert text.split().count("88.6-100.0") == 5 * 6  # five runtimes, six classes, each interval whole


def test_the_sentence_says_loss_gain_and_none(metrics):
    assert "loses 0.79 points" in wording.quantization(metrics)
    for points, words in ((-0.4, "gains 0.40 points"), (0.0, "loses 0.00 points")):
        other = copy.deepcopy(metrics)
        other["quantization"]["accuracy_lost_points"] = points
        assert words in wording.quantization(other)


def test_a_file_of_metrics_is_read_back(metrics, tmp_path):
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps(metrics))
    assert table.read_metrics(path) == metrics


@pytest.mark.parametrize("content", [None, "{", "[]", '{"pytorch": {}}'])
def test_a_bad_file_of_metrics_is_told_in_one_sentence(tmp_path, content):
    path = tmp_path / "metrics.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=r"metrics\.json .*dvc repro evaluate"):
        table.read_metrics(path)
