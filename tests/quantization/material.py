"""What a quantizer sees of the recordings."""

import numpy as np

from tinyinspect.config.train import Train
from tinyinspect.quantization.quantizers import Material
from tinyinspect.selection.labelled import Labelled

TRAIN = Train.model_validate(
    {"optimizer": "adamw", "epochs": 1, "batch_size": 8, "learning_rate": 0.001, "weight_decay": 0, "ema_decay": 0}
    | {"min_scale": 0.5, "rotation": 10, "colour_jitter": 0.2, "noise": 0.01, "device": "cpu"}
)


def material(views: np.ndarray) -> Material:
    """The frames themselves as what was trained on, in three groups."""
    labels = np.arange(len(views), dtype=np.int64) % 3
    pictures = Labelled(list(views), labels, [f"{number}.jpg" for number in range(len(views))])
    return Material(views, pictures, TRAIN, seed=0)


def planes(views: np.ndarray) -> np.ndarray:
    """What the float network takes: NCHW in [0, 1]."""
    return np.ascontiguousarray(views.transpose(0, 3, 1, 2)).astype(np.float32) / np.float32(255)
