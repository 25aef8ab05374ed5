"""Every reader of JSON from the disk: missing, cut off, foreign, deeply nested or huge is one sentence."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tinyinspect import files
from tinyinspect.device.compiled import REPORT, read_compiled
from tinyinspect.device.device_file import read_device
from tinyinspect.errors import InputError
from tinyinspect.evaluation.acceptance import read_acceptance
from tinyinspect.evaluation.replay import Replay
from tinyinspect.labelling.exchange import coco, label_studio
from tinyinspect.report.table import read_metrics
from tinyinspect.tasks.classifier import decision as classifier_decision
from tinyinspect.tasks.gate import decision as gate_decision
from tinyinspect.tasks.limits import read_measured, read_short

ROOT = Path(__file__).parents[1]
READERS: list[Callable[[Path], Any]] = [
    read_device,
    read_acceptance,
    read_metrics,
    lambda path: read_measured(path, "evaluate"),
    lambda path: read_short("classifier", path),
    lambda path: read_short("gate", path),
    classifier_decision.read,
    gate_decision.read,
    lambda path: files.read_json(path, Replay, "run `dvc repro replay`"),
    label_studio.read,
    coco.read,
    lambda path: read_compiled(path.parent),
]
DEEP = 100_000
CONTENTS = {
    "empty": b"",
    "cut": b'{"board": "openmv_h7", "firm',
    "number": b"7",
    "list": b'[{"a": 1}]',
    "binary": bytes(range(256)),
    "lists": b"[" * DEEP + b"]" * DEEP,
    "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
}


@pytest.fixture
def raised_limit():
    """As TensorFlow leaves it, with which Python's own parser ends the process on deep nesting."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_no_such_file_is_one_sentence(read, content, tmp_path, raised_limit):
    path = tmp_path / REPORT
    path.write_bytes(CONTENTS[content])
    with pytest.raises(InputError) as told:
        read(path)
    assert str(tmp_path) in str(told.value) and "\n" not in str(told.value)


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "device.json").open("wb") as file:
        file.truncate(files.LARGEST_JSON_BYTES + 1)
    with pytest.raises(InputError, match=r"device\.json is larger than any such file \(256 MiB\); run"):
        read_device(tmp_path / "device.json")


def test_pythons_own_parser_is_used_nowhere():
    assert [path for path in (ROOT / "src").rglob("*.py") if "json.loads" in path.read_text()] == []
