"""A gate's test set and embeddings that lie around a centroid, more or less apart."""

import numpy as np

from tinyinspect.evaluation.scored import TestSet
from tinyinspect.selection.labelled import Labelled
from tinyinspect.tasks.gate.decision import Decision, Gate

RUNTIMES = ("pytorch", "onnx", "tflite_float", "tflite_int8", "tflite_micro")
SOURCES = ["", "photo/dress", "object/ball", "class/no_mask"]  # the last was trained on
COUNTS = [60, 50, 30, 20]


def pictures() -> TestSet:
    """60 normal frames, 80 abnormal pictures of unseen sources, 20 of one that was trained on."""
    total = sum(COUNTS)
    pictures = [np.full((24, 24, 3), number, np.uint8) for number in range(total)]
    sources = np.repeat(SOURCES, COUNTS)
    frames = Labelled(pictures, (sources != "").astype(np.int64), [f"{number}.jpg" for number in range(total)])
    return TestSet(frames, ["normal", "abnormal"], sources, np.isin(sources, SOURCES[1:3]))


def embeddings_of(scores: np.ndarray) -> np.ndarray:
    """Embeddings in the plane whose cosine to (1, 0) is the score."""
    return np.stack([scores, np.sqrt(1 - scores**2)], 1).astype(np.float32) * 7


def gate(float_threshold: float = 0.5, int8_threshold: float = 0.5) -> Gate:
    of_float, of_int8 = (Decision(threshold=one, centroids=[[1, 0]]) for one in (float_threshold, int8_threshold))
    return Gate(
        of_float=of_float,
        of_int8=of_int8,
        threshold_low=int8_threshold - 0.1,
        threshold_high=int8_threshold + 0.1,
        normal=60,
        refused=1,
        abnormal=180,
        passed=2,
        left_out=[],
    )


def scores() -> np.ndarray:
    """Normal frames around 0.8, dresses around 0.3, balls around 0.45, no mask around 0.1: they overlap a little."""
    random = np.random.default_rng(0)
    return np.clip(np.repeat([0.8, 0.3, 0.45, 0.1], COUNTS) + random.normal(0, 0.12, sum(COUNTS)), -0.99, 0.99)
