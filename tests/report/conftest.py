"""A report of 30 frames, one of them wrong on the camera."""

import numpy as np
import pandas as pd
import pytest

from tests.device.verified import VERIFIED
from tests.evaluation.shapes import frames
from tinyinspect.evaluation.predictions import predictions_of
from tinyinspect.evaluation.replay import Track, replay
from tinyinspect.evaluation.scored import TestSet
from tinyinspect.report.memory import Bar
from tinyinspect.report.page import Material
from tinyinspect.report.table import RUNTIMES
from tinyinspect.report.thumbnails import SIDE_ON_MAP, thumbnail
from tinyinspect.report.verdict import verdict
from tinyinspect.tasks.classifier import report, wording
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.measures import score
from tinyinspect.tasks.classifier.metrics import short

CLASSES = ["bar", "<b>spot</b>", "</script>"]  # names are text, whatever they look like


@pytest.fixture
def material() -> Material:
    shown = frames(10, seed=2)
    logits = 3 * np.eye(3, dtype=np.float32)[shown.labels]
    camera = logits.copy()
    camera[0] = [0, 1, 0]
    decision = ScoreLimits(temperature=1, min_score=0.6, unsure_below=0.5, held_out=9, error_rate=0, counted=1)
    test = TestSet(shown, CLASSES, np.full(30, ""), np.zeros(30, bool))
    scored = score(dict.fromkeys(RUNTIMES, logits) | {"tflite_micro": camera}, test, decision, 0)
    predictions = predictions_of(scored)
    return Material(
        task="classifier",
        part=report,
        wording=wording,
        decision=decision,
        classes=CLASSES,
        verdict=verdict([], [], scored.metrics, VERIFIED),
        metrics=scored.metrics,
        headline=report.headline(short(scored.metrics | {"baselines": {}})),
        device=VERIFIED,
        board="OpenMV Cam H7",
        predictions=predictions,
        replay=replay([Track("a.avi", [0, 1, 2], ["bar"] * 3, ["bar"] * 3)], CLASSES, 2),
        frames=shown,
        looked=np.random.default_rng(0).random((30, 8, 8), np.float32),
        unsure=report.unsure(predictions, decision),
        labels=12,
        taught=7,
        curves={"train/loss": [(0, 1.0), (1, 0.5)], "validation/loss": [(0, 1.1), (1, 0.6)]},
        layers=pd.DataFrame(
            {"layer": ["00 CONV_2D"], "operator": ["CONV_2D"], "shape": ["1x8"], "macs": [9], "instructions": [1e6]}
        ),
        errors={"worst_layer": "0 CONV_2D", "layers": [{"layer": "0 CONV_2D", "sqnr_db": 21.5}]},
        memory=[Bar("heap", 1000, [("arena", 400)])],
        map={
            "x": [0.0, 1.0],
            "y": [0.0, 1.0],
            "name": ["a", "b"],
            "recording": ["r", "r"],
            "split": ["train", "test"],
            "class": CLASSES[:2],
            "result": ["not tested", "wrong"],
            "picture": [thumbnail(picture, SIDE_ON_MAP) for picture in shown.pictures[:2]],
        },
        sheet=thumbnail(shown.pictures[0]),
        provenance=[("commit", "abc")],
        changed=[("train.epochs", "2", "1500")],
        card=report.card(scored.metrics, CLASSES),
    )
