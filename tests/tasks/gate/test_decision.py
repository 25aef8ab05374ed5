import numpy as np
import pytest

from tests.tasks.gate.gates import gate
from tinyinspect.errors import InputError
from tinyinspect.evaluation.frame_test import OFFSET, FrameTest
from tinyinspect.files import write_json
from tinyinspect.tasks.gate.decision import Decision, centroids_of, read, similarities


def test_the_centroid_weighs_every_frame_alike_however_long_its_embedding():
    embeddings = np.array([[100, 0], [0, 1]], np.float32)
    np.testing.assert_allclose(centroids_of(embeddings, 1), [[np.sqrt(0.5)] * 2], atol=1e-6)


def test_similarity_is_the_cosine_and_0_for_nothing():
    embeddings = np.array([[3, 0], [3, 4], [0, 0], [-2, 0]], np.float32)
    assert similarities(embeddings, np.array([[2, 0]], np.float32)) == pytest.approx([1, 0.6, 0, -1])


def test_what_the_frame_numbers_exceed_is_taken_from_the_similarity():
    test = FrameTest(center=[1, 1], factor=[[0.1**0.5, 0], [0, 0.5]])
    decision = Decision(threshold=0.5, centroids=[[1, 0]], frame_test=test)
    logarithms = np.array([[1, 1], [2, 1], [0, 2], [1, 5], [1, 1]])  # square distances 0, 0.1, 0.35, 4, 0
    embeddings = np.array([[5, 0], [5, 0], [5, 0], [5, 0], [0, 1]])
    outputs = np.hstack([embeddings, np.exp(logarithms) - OFFSET]).astype(np.float32)
    assert decision.similarities(outputs) == pytest.approx([1, 1, 0.75, -1, 0])
    assert decision.accepts(outputs).tolist() == [True, True, True, False, False]
    assert decision.length == 4


def test_two_kinds_of_normals_have_a_centroid_each_and_the_nearest_counts():
    embeddings = np.array([[9, 1], [9, -1], [1, 9], [-1, 9]], np.float32)
    centroids = centroids_of(embeddings, 2)
    np.testing.assert_allclose(centroids[np.argsort(centroids[:, 0])], [[0, 1], [1, 0]], atol=1e-6)
    assert similarities(np.array([[5, 0], [0, 5], [1, 1], [0, 0]], np.float32), centroids) == pytest.approx(
        [1, 1, np.sqrt(0.5), 0]
    )


def test_more_centroids_than_held_out_frames_are_one_sentence():
    with pytest.raises(InputError, match=r"task\.centroids is 3, but only 2 normal frames are held out .* or lower"):
        centroids_of(np.eye(2, dtype=np.float32), 3)


@pytest.mark.parametrize(
    ("embeddings", "count"), [([[1, 0], [-1, 0]], 1), ([[np.nan, 0]], 1), ([[np.nan, 0], [1, 0]], 2)]
)
def test_embeddings_without_a_mean_are_one_sentence(embeddings, count):
    with pytest.raises(InputError, match="cancel out or are no numbers; train"):
        centroids_of(np.array(embeddings, np.float32), count)


def test_a_gate_comes_back_whole(tmp_path):
    centroids = centroids_of(np.random.default_rng(0).normal(size=(5, 512)).astype(np.float32), 2)
    first = Decision(threshold=0.75, centroids=[[round(float(value), 6) for value in one] for one in centroids])
    second = Decision(threshold=0.5, centroids=[[1, 0]], frame_test=FrameTest(center=[3], factor=[[0.125]]))
    write_json(gate().model_copy(update={"of_float": first, "of_int8": second}), tmp_path / "decision.json")
    found = read(tmp_path / "decision.json")
    np.testing.assert_array_equal(np.array(found.of_float.centroids, np.float32), centroids)
    assert (found.of_float.threshold, found.of_int8.threshold) == (0.75, 0.5)
    assert (found.normal, found.abnormal, found.of_int8) == (60, 180, second)


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
