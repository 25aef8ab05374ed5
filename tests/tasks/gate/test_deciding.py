from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tasks.gate.trees import write_gate_tree
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.evaluation.runtimes import pytorch, tflite_micro
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import frames_folder, read_labelled
from tinyinspect.tasks.gate.deciding import decide, decision_of, threshold_for
from tinyinspect.tasks.gate.decision import centroid_of
from tinyinspect.tasks.gate.pictures import abnormal_folder, read_abnormals

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "tests" / "evaluation" / "models"  # three outputs, which are an embedding as good as any


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


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


def test_the_decision_joins_centroid_and_threshold():
    random = np.random.default_rng(0)
    normal = random.normal([5, 0, 0], 0.3, (40, 3)).astype(np.float32)
    abnormal = random.normal([0, 5, 0], 0.3, (100, 3)).astype(np.float32)
    decision = decision_of(normal, abnormal, 0.01)
    assert np.linalg.norm(decision.centroid) == pytest.approx(1, abs=1e-5)
    assert decision.accepts(normal).all() and not decision.accepts(abnormal).any()


@pytest.fixture
def params() -> Params:
    overrides = ["task=gate", "data.classes=[good,bad]", "task.normal_classes=[good]", "decide.false_accept_rate=0.2"]
    return check(composed(ROOT / "conf", overrides), "conf/", Params)


def decided(dataset: Path, params: Params):
    return decide(MODELS, dataset, classes=params.data.classes, task=params.task, decide=params.decide)


def test_each_file_has_its_own_decision_from_what_validation_holds(tmp_path, params):
    write_gate_tree(tmp_path)
    gate, sentence = decided(tmp_path, params)
    frames = read_labelled(frames_folder(tmp_path, "validation"), ["good"]).views(16)
    pictures = read_abnormals(abnormal_folder(tmp_path, "validation"))[0].views(16)
    assert (gate.normal, gate.abnormal) == (len(frames), len(pictures))
    for judged, run, file in (
        (gate.of_float, pytorch, "model.safetensors"),
        (gate.of_int8, tflite_micro, "model_int8.tflite"),
    ):
        normal, abnormal = run(MODELS / file, frames), run(MODELS / file, pictures)
        np.testing.assert_allclose(judged.centroid, centroid_of(normal), atol=1e-6)
        assert judged.accepts(abnormal).mean() <= 0.2
    assert gate.of_float != gate.of_int8
    assert sentence == (
        f"threshold {gate.of_float.threshold:.3f} in float, {gate.of_int8.threshold:.3f} in int8, from {len(frames)} "
        f"held-out normal frames, {len(pictures)} abnormal pictures"
    )


def test_training_and_test_pictures_decide_nothing(tmp_path, params):
    write_gate_tree(tmp_path)
    first = decided(tmp_path, params)
    for split in ("train", "test"):
        for path in (tmp_path / split).rglob("*.jpg"):
            Image.new("RGB", (64, 48), "red").save(path)
    assert decided(tmp_path, params) == first


def test_a_gate_without_held_out_normal_frames_is_one_sentence(tmp_path, params):
    write_gate_tree(tmp_path)
    for path in frames_folder(tmp_path, "validation").rglob("*.jpg"):
        path.unlink()
    with pytest.raises(InputError, match="normal"):
        decided(tmp_path, params)
