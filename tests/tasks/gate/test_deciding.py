import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.tasks.gate.trees import write_gate_tree
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.evaluation.frame_test import fit, in_other_light
from tinyinspect.evaluation.runtimes import pytorch, tflite_micro
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import frames_folder, read_labelled
from tinyinspect.tasks.gate.deciding import centroid_and_threshold, decide
from tinyinspect.tasks.gate.deciding.centroid_and_threshold import of_left_out, on_the_scale_of
from tinyinspect.tasks.gate.deciding.threshold import for_false_accepts, for_false_rejects, interval_of
from tinyinspect.tasks.gate.decision import centroids_of
from tinyinspect.tasks.gate.pictures import abnormal_folder, read_abnormals

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "tests" / "evaluation" / "models"  # three outputs, which are an embedding as good as any


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def of_one(normal: np.ndarray, abnormal: np.ndarray, rate: float) -> float:
    return for_false_accepts(normal, {"photo": abnormal}, rate)


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.5])
def test_the_threshold_lets_through_all_normal_frames_that_it_may(rate):
    random = np.random.default_rng(0)
    normal, abnormal = (random.uniform(*bounds, 200).astype(np.float32) for bounds in ((0.3, 1), (0, 0.8)))
    threshold = of_one(normal, abnormal, rate)
    assert (abnormal >= threshold).mean() <= rate
    strictest = np.sort(abnormal)[::-1][int(rate * 200)]
    assert (normal >= threshold).sum() == (normal > strictest).sum()


def test_the_threshold_lies_halfway_where_all_lie_apart():
    assert of_one(scores(0.9, 0.8), np.linspace(0, 0.4, 200).astype(np.float32), 0.05) == pytest.approx(0.6)


def test_a_share_that_no_normal_frame_needs_is_not_used():
    abnormal = scores(*[0.1] * 98, 0.3, 0.95)
    threshold = of_one(scores(0.9, 0.5, 0.2), abnormal, 0.02)
    assert threshold == pytest.approx(0.15)
    assert of_one(scores(0.9, 0.5), abnormal, 0.02) == pytest.approx(0.4)


def test_too_few_abnormal_pictures_are_one_sentence():
    with pytest.raises(
        InputError, match=r"0\.01 cannot be told from 50 abnormal pictures .* raise it to 0\.02 or more"
    ):
        of_one(scores(0.9), np.zeros(50, np.float32), 0.01)


def test_a_rate_at_which_no_normal_frame_passes_is_one_sentence():
    with pytest.raises(InputError, match=r"0\.1 cannot be met: .* would refuse all 2 normal frames; raise the rate"):
        of_one(scores(0.1, 0.2), np.linspace(0.5, 0.9, 10).astype(np.float32), 0.1)


def test_no_large_group_hides_behind_another():
    photos, faults = np.linspace(0.4, 0.6, 100).astype(np.float32), np.zeros(900, np.float32)
    threshold = for_false_accepts(scores(0.9, 0.595), {"photo": photos, "camera_fault": faults}, 0.01)
    assert (photos >= threshold).sum() <= 1


def test_a_rate_of_false_rejects_refuses_as_many_abnormal_pictures_as_it_can():
    normal = np.linspace(0.5, 1, 100).astype(np.float32)
    threshold = for_false_rejects(normal, scores(0.2, 0.52), 0.05)
    assert (normal < threshold).sum() == 5
    assert for_false_rejects(normal, scores(0.2), 0) == pytest.approx(0.35)


def test_the_interval_holds_the_threshold_and_shrinks_with_more_pictures(params):
    random = np.random.default_rng(0)
    decide = params.decide.model_copy(update={"false_reject_rate": 0.1})
    widths = []
    for count in (100, 2000):
        normal, abnormal = (random.normal(mean, 0.1, count).astype(np.float32) for mean in (0.8, 0.2))
        threshold = for_false_rejects(normal, abnormal, 0.1)
        low, high = interval_of(normal, {"photo": abnormal}, decide)
        assert low <= threshold <= high
        widths.append(high - low)
    assert widths[1] < widths[0]


def rows(fold: int, kind: str, source: str, *values: float) -> pd.DataFrame:
    names = [f"step0-{number}.jpg" if kind == "left_out" else f"{fold}{number}.jpg" for number in range(len(values))]
    return pd.DataFrame({"fold": fold, "kind": kind, "source": source, "picture": names, "score": values})


def test_scores_of_another_network_are_moved_to_the_scale_of_the_model():
    held_out = pd.concat([rows(0, "normal", "", 0.4, 0.6), rows(0, "abnormal", "photo/a", 0, 0)])
    wanted = held_out[held_out["kind"] == "normal"]
    np.testing.assert_allclose(on_the_scale_of(scores(0.9), scores(-0.1), held_out, wanted), [0.7, 1], atol=1e-6)


def test_kinds_that_were_left_out_are_judged_at_the_threshold_of_their_own_network(params):
    table = pd.concat(
        [
            *(rows(fold, "normal", "", *[0.9 - fold / 2] * 4) for fold in range(2)),
            *(rows(fold, "abnormal", "photo/a", *[0.0] * 10) for fold in range(2)),
            *(rows(fold, "left_out", f"camera_fault/{fold}", 0.3, 0.3) for fold in range(2)),
        ]
    )
    found = of_left_out(table, params.decide)
    assert [(one.source, one.pictures, one.passed) for one in found] == [
        ("camera_fault/0", 2, 0),
        ("camera_fault/1", 2, 2),
    ]


@pytest.fixture
def params() -> Params:
    overrides = ["task=gate", "data.classes=[good,bad]", "task.normal_classes=[good]", "task.frame_test=false"]
    return check(composed(ROOT / "conf", overrides), "conf/", Params)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Files of one network; its own held-out frames of validation, and a fold that tells all apart."""
    folder = shutil.copytree(MODELS, tmp_path / "models")
    table = pd.concat([rows(0, "normal", "", *[0.9] * 20), rows(0, "abnormal", "object/spot", *[0.0] * 5)])
    table.to_csv(folder / "held_out.csv", index=False)
    return folder


def decided(models: Path, dataset: Path, params: Params):
    return decide(models, dataset, classes=params.data.classes, task=params.task, decide=params.decide)


def test_each_file_has_its_own_decision_from_what_validation_and_the_folds_hold(tmp_path, models, params):
    write_gate_tree(tmp_path)
    gate, sentence = decided(models, tmp_path, params)
    frames = read_labelled(frames_folder(tmp_path, "validation"), ["good"]).views(16)
    pictures = read_abnormals(abnormal_folder(tmp_path, "validation"))[0].views(16)
    assert (gate.normal, gate.abnormal) == (len(frames) + 20, len(pictures))
    for judged, run, file in (
        (gate.of_float, pytorch, "model.safetensors"),
        (gate.of_int8, tflite_micro, "model_int8.tflite"),
    ):
        normal, abnormal = run(MODELS / file, frames), run(MODELS / file, pictures)
        np.testing.assert_allclose(judged.centroids, centroids_of(normal, 1), atol=1e-6)
        assert judged.accepts(abnormal).mean() <= 0.2
    assert gate.of_float != gate.of_int8
    assert f"chosen on {gate.normal} held-out normal frames" in sentence
    assert f"warning: the threshold was chosen on only {gate.normal} held-out normal frames" in sentence


def test_training_and_test_pictures_decide_nothing(tmp_path, models, params):
    write_gate_tree(tmp_path)
    first = decided(models, tmp_path, params)
    for split in ("train", "test"):
        for path in (tmp_path / split).rglob("*.jpg"):
            Image.new("RGB", (64, 48), "red").save(path)
    assert decided(models, tmp_path, params) == first


def test_the_frame_test_is_of_all_normal_frames_and_counts_in_the_scores(tmp_path, models, params, monkeypatch):
    write_gate_tree(tmp_path)

    def int8_run(path: Path, views: np.ndarray) -> np.ndarray:
        return 9 * np.abs(tflite_micro(path, views))  # a frame number is never below 0

    monkeypatch.setattr(centroid_and_threshold, "tflite_micro", int8_run)
    task = params.task.model_copy(update={"embedding": 2, "frame_test": True})  # the third output is the number
    gate, _ = decided(models, tmp_path, params.model_copy(update={"task": task}))
    folders = [frames_folder(tmp_path, split) for split in ("validation", "train")]
    views = np.concatenate([read_labelled(folder, ["good"]).views(16) for folder in folders])
    numbers, in_light = (int8_run(MODELS / "model_int8.tflite", one)[:, 2:] for one in (views, in_other_light(views)))
    found, excess = fit(numbers, in_light)
    assert gate.of_int8.frame_test == found and gate.of_float.frame_test != found
    assert gate.of_int8.length == 3 and excess.any()


def test_a_gate_without_held_out_normal_frames_is_one_sentence(tmp_path, models, params):
    write_gate_tree(tmp_path)
    for path in frames_folder(tmp_path, "validation").rglob("*.jpg"):
        path.unlink()
    with pytest.raises(InputError, match="normal"):
        decided(models, tmp_path, params)


def test_one_of_the_two_rates_is_wanted():
    with pytest.raises(InputError, match=r"give one of decide\.false_accept_rate and decide\.false_reject_rate"):
        check(composed(ROOT / "conf", ["task=gate", "decide.false_accept_rate=0.01"]), "conf/", Params)
