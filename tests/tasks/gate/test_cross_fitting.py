from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tests.tasks.gate.test_objective import CLASSES, MODEL, ROOT, drawn
from tests.tasks.gate.trees import write
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.learning.features import NO_FEATURES
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder
from tinyinspect.tasks.gate.objective import held_out, network
from tinyinspect.tasks.gate.objective.cross_fitting import left_out
from tinyinspect.tasks.gate.pictures import abnormal_folder, picture_name

FAULTS = ["camera_fault/dark", "camera_fault/wet"]


def stepped(labelled: Labelled) -> Labelled:
    return Labelled(labelled.pictures, labelled.labels, [picture_name(0, number) for number in range(len(labelled))])


@pytest.fixture(scope="module", params=[False, True])
def scored(tmp_path_factory, request) -> pd.DataFrame:
    """12 normal frames in two folds; two kinds of fault, of which each fold's network leaves one out."""
    folder = tmp_path_factory.mktemp("dataset")
    bars = drawn(["bar"], 12, 0)
    write(frames_folder(folder, "train") / "good", bars.take(np.arange(9)))
    write(frames_folder(folder, VALIDATION) / "good", bars.take(np.arange(9, 12)))
    write(abnormal_folder(folder, "train") / "photo" / "red", drawn(["red"], 6, 1))
    write(abnormal_folder(folder, VALIDATION) / "object" / "pillar", drawn(["pillar"], 5, 2))
    for number, fault in enumerate(FAULTS):
        for split in ("train", VALIDATION, "seen"):
            write(abnormal_folder(folder, split) / fault, stepped(drawn(["none"], 4, number)))
    overrides = ["model=mobilenetv2_metric", "task.folds=2", "task.fold_epochs=0.5"]
    params = check(composed(ROOT / "conf", overrides), "conf/", Params)
    train = params.train.model_copy(update={"epochs": 4, "batch_size": 12, "device": "cpu"})
    task = params.task.model_copy(update={"normal_classes": ["good"], "embedding": 8, "frame_test": request.param})

    def make() -> Any:
        torch.manual_seed(0)
        return network(MODEL, classes=CLASSES, task=task)

    resume = Path(folder / "resume.pt")
    return held_out(
        make,
        folder,
        classes=CLASSES,
        task=task,
        loss=params.loss,
        train=train,
        seed=0,
        resume=resume,
        features=NO_FEATURES,
    )


def test_every_normal_frame_is_scored_once(scored):
    normal = scored[scored["kind"] == "normal"]
    assert sorted(normal["picture"]) == sorted(f"{number}.jpg" for number in range(12))
    assert normal["fold"].value_counts().tolist() == [6, 6]
    assert scored["score"].between(-1.001, 1.001).all()


def test_every_network_judges_the_foreign_pictures_of_validation_and_the_kinds_that_it_did_not_see(scored):
    for fold, fault in enumerate(FAULTS):
        mine = scored[scored["fold"] == fold]
        assert mine.loc[mine["kind"] == "abnormal", "source"].tolist() == ["object/pillar"] * 5
        assert mine.loc[mine["kind"] == "left_out", "source"].tolist() == [fault] * 4


def test_every_kind_is_left_out_of_one_fold():
    sources = ["camera_fault/a", "camera_fault/b", "hard_negative/c", "photo/x", "camera_fault/d"]
    parts = [left_out(sources, 3, fold) for fold in range(3)]
    assert set.union(*parts) == set(sources) - {"photo/x"} and sum(map(len, parts)) == 4
