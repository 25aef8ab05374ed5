import numpy as np
import pytest

from tests.tasks.gate.gates import gate
from tinyinspect.errors import InputError
from tinyinspect.files import write_json
from tinyinspect.tasks.gate.decision import Decision, centroid_of, read, similarities


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


def test_a_gate_comes_back_whole(tmp_path):
    centroid = centroid_of(np.random.default_rng(0).normal(size=(5, 512)).astype(np.float32))
    first = Decision(threshold=0.75, numbers=[round(float(value), 6) for value in centroid])
    second = Decision(threshold=0.5, numbers=[1, 0])
    write_json(gate().model_copy(update={"of_float": first, "of_int8": second}), tmp_path / "decision.json")
    found = read(tmp_path / "decision.json")
    np.testing.assert_array_equal(found.of_float.centroid, centroid)
    assert (found.of_float.threshold, found.of_int8.threshold) == (0.75, 0.5)
    assert (found.normal, found.abnormal) == (60, 180)


def test_a_file_that_is_missing_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"decision\.json is missing; run `dvc repro decide`$"):
        read(tmp_path / "decision.json")


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"of_float": {}}', "[1]", '{"temperature": 1.5, "min_score": 0.9}']
)  # the last is a classifier's
def test_a_file_that_is_no_gate_is_one_sentence(tmp_path, text):
    (tmp_path / "decision.json").write_text(text)
    with pytest.raises(
        InputError, match=r"decision\.json is of another version or damaged .*; run `dvc repro decide`$"
    ):
        read(tmp_path / "decision.json")
