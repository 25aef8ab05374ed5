"""``metrics.json``."""

from typing import Any

from pydantic import BaseModel


class TestFrames(BaseModel):
    """How many there are."""

    total: int


class OfCamera(BaseModel):
    """The camera's."""

    mean_absolute_error: float


class Quantization(BaseModel):
    """What int8 costs."""

    error_gained: float


class Metrics(BaseModel):
    """The whole file."""

    test_frames: TestFrames
    tflite_micro: OfCamera
    quantization: Quantization


def short(full: dict[str, Any]) -> Metrics:
    """All but the runtimes that are not the camera's."""
    return Metrics.model_validate(full)
