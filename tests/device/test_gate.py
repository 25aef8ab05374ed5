import json

import numpy as np
import pytest

from tinyinspect.device.gate import (
    Decision,
    Gate,
    centroid_of,
    decide,
    read_gate,
    similarities,
    threshold_for,
    write_gate,
)
from tinyinspect.errors import InputError


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_centroid_weighs_every_frame_alike_however_long_its_embedding():
    embeddings = np.array([[100, 0], [0, 1]], np.float32)
    assert centroid_of(embeddings) == pytest.approx([np.sqrt(0.5)] * 2, abs=1e-6)


def test_similarity_is_the_cosine_and_0_for_nothing():
    embeddings = np.array([[3, 0], [3, 4], [0, 0], [-2, 0]], np.float32)
    assert similarities(embeddings, np.array([2, 0], np.float32)) == pytest.approx([1, 0.6, 0, -1])


@pytest.mark.parametrize("embeddings", [[[1, 0], [-1, 0]], [[np.nan, 0]]])
def test_embeddings_without_a_mean_are_one_sentence(embeddings):
    with pytest.raises(InputError, match="cancel out or are no numbers; train"):
        centroid_of(np.array(embeddings, np.float32))


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.5])
def test_the_threshold_lets_through_all_normal_frames_that_it_may(rate):
    random = np.random.default_rng(0)
    normal, abnormal = (random.uniform(*bounds, 200).astype(np.float32) for bounds in ((0.3, 1), (0, 0.8)))
    threshold = threshold_for(normal, abnormal, rate)
    assert (abnormal >= threshold).mean() <= rate
    strictest = np.sort(abnormal)[::-1][int(rate * 200)]
    assert (normal >= threshold).sum() == (normal > strictest).sum()


def test_the_threshold_lies_halfway_where_all_lie_apart():
    assert threshold_for(scores(0.9, 0.8), np.linspace(0, 0.4, 200).astype(np.float32), 0.05) == pytest.approx(0.6)


def test_a_share_that_no_normal_frame_needs_is_not_used():
    abnormal = scores(*[0.1] * 98, 0.3, 0.95)
    threshold = threshold_for(scores(0.9, 0.5, 0.2), abnormal, 0.02)
    assert threshold == pytest.approx(0.15)
    assert threshold_for(scores(0.9, 0.5), abnormal, 0.02) == pytest.approx(0.4)


def test_too_few_abnormal_pictures_are_one_sentence():
    with pytest.raises(
        InputError, match=r"0\.01 cannot be told from 50 abnormal pictures .* raise it to 0\.02 or more"
    ):
        threshold_for(scores(0.9), np.zeros(50, np.float32), 0.01)


def test_a_rate_at_which_no_normal_frame_passes_is_one_sentence():
    with pytest.raises(InputError, match=r"0\.1 cannot be met: .* would refuse all 2 normal frames; raise the rate"):
        threshold_for(scores(0.1, 0.2), np.linspace(0.5, 0.9, 10).astype(np.float32), 0.1)


def test_decide_joins_centroid_and_threshold():
    random = np.random.default_rng(0)
    normal = random.normal([5, 0, 0], 0.3, (40, 3)).astype(np.float32)
    abnormal = random.normal([0, 5, 0], 0.3, (100, 3)).astype(np.float32)
    decision = decide(normal, abnormal, 0.01)
    assert np.linalg.norm(decision.centroid) == pytest.approx(1, abs=1e-5)
    assert decision.accepts(normal).all() and not decision.accepts(abnormal).any()


def test_a_gate_comes_back_whole(tmp_path):
    first = Decision(centroid_of(np.random.default_rng(0).normal(size=(5, 512)).astype(np.float32)), 0.75)
    second = Decision(np.array([1, 0], np.float32), 0.5)
    write_gate(Gate(first, second), tmp_path / "gate.json")
    found = read_gate(tmp_path / "gate.json")
    assert found is not None
    np.testing.assert_array_equal(found.of_float.centroid, first.centroid)
    assert (found.of_float.threshold, found.of_int8.threshold) == (0.75, 0.5)


def test_a_classifiers_file_is_empty(tmp_path):
    write_gate(None, tmp_path / "gate.json")
    assert json.loads((tmp_path / "gate.json").read_text()) == {}
    assert read_gate(tmp_path / "gate.json") is None


@pytest.mark.parametrize("text", [None, "{", '{"float": {}}', "[1]"])
def test_a_file_that_is_no_gate_is_one_sentence(tmp_path, text):
    if text is not None:
        (tmp_path / "gate.json").write_text(text)
    with pytest.raises(InputError, match=r"gate\.json is missing or is no gate; run `dvc repro centroid`"):
        read_gate(tmp_path / "gate.json")
