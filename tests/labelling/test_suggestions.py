import time
from pathlib import Path

import numpy as np

from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.labelling.suggestions import Suggestions
from tinyinspect.recordings.store import FrameStore

MODEL = Path(__file__).parents[1] / "evaluation" / "models" / "model_int8.tflite"
CLASSES = [f"class {number}" for number in range(MicroRuntime(MODEL).output_count)]


def finished(suggestions: Suggestions, count: int) -> None:
    deadline = time.monotonic() + 120
    while suggestions.scored < count and not suggestions.note:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_model_scores_all_frames_in_the_background(store: FrameStore) -> None:
    suggestions = Suggestions(len(store), CLASSES)
    assert suggestions.of(3) is None and not suggestions.known.any() and set(suggestions.answers) == {""}
    suggestions.start(store.folder, MODEL, np.arange(len(store))[::-1].copy())
    finished(suggestions, len(store))
    assert suggestions.note == "" and suggestions.known.all()
    np.testing.assert_allclose(suggestions.probabilities.sum(1), 1, rtol=1e-5)
    said = suggestions.of(3)
    assert said and next(iter(said)) == suggestions.answers[3]
    values = list(said.values())
    assert values == sorted(values, reverse=True)
    np.testing.assert_allclose(suggestions.margins[3], values[0] - values[1], atol=1e-3)


def test_a_model_of_other_outputs_is_said(store: FrameStore) -> None:
    suggestions = Suggestions(len(store), [*CLASSES, "one more"])
    suggestions.start(store.folder, MODEL, np.arange(len(store)))
    finished(suggestions, len(store))
    assert "numbers, and data.classes names" in suggestions.note and not suggestions.known.any()
