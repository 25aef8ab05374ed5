import numpy as np
import pandas as pd
import pytest
import torch

from tests.tasks.gate.gates import gate
from tinyinspect.errors import InputError
from tinyinspect.review.compared import Common
from tinyinspect.tasks.gate.answers import answers
from tinyinspect.tasks.gate.comparison import compare
from tinyinspect.tasks.gate.decision import Decision
from tinyinspect.tasks.gate.report import evidence, unsure

LIMIT = Decision(threshold=0.8, centroids=[[1.0, 0.0]])
GATE = gate().model_copy(update={"of_float": LIMIT, "of_int8": LIMIT})


def table(scores: np.ndarray, normal: np.ndarray) -> pd.DataFrame:
    answer = np.where(scores >= 0.5, "normal", "abnormal")
    return pd.DataFrame(
        {"score_camera": scores, "answer_camera": answer, "truth": np.where(normal, "normal", "abnormal")}
    )


def test_a_better_gate_is_better_beyond_chance_and_the_same_gate_is_not():
    random, normal = np.random.default_rng(0), np.arange(200) < 100
    blind = table(random.random(200), normal)
    sharp = table(np.where(normal, 0.9, 0.1) + random.normal(0, 0.05, 200), normal)
    area, passing, stopped = compare(Common(blind, sharp, 0), 0)
    assert area.after == 1 and area.before < 0.65 and area.beyond_chance and area.low > 0
    assert passing.beyond_chance and stopped.beyond_chance
    assert not any(row.beyond_chance for row in compare(Common(sharp, sharp, 0), 0))


def test_pictures_of_one_kind_cannot_be_compared():
    one = table(np.array([0.9, 0.8]), np.array([True, True]))
    with pytest.raises(InputError, match="all normal or all abnormal"):
        compare(Common(one, one, 0), 0)


def test_answers_evidence_and_doubt_look_at_the_similarity():
    outputs = np.array([[2, 0], [0, 3], [4, 3.0]], np.float32)
    said = answers(outputs, GATE, [])
    assert [(one.answer, round(one.score, 3), one.unsure) for one in said] == [
        ("normal", 1.0, False),
        ("abnormal", 0.0, False),
        ("normal", 0.8, True),
    ]
    assert evidence(torch.tensor(outputs), GATE).tolist() == pytest.approx([1, 0, 0.8])
    assert unsure(pd.DataFrame({"score_camera": [1, 0, 0.8]}), GATE).tolist() == [False, False, True]
