"""What a reviewer sees of int8's errors: ``quantization_error.json``, a plot by layer, and the frames that changed."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyinspect.evaluation.scored import FLOAT, INT8, Scored
from tinyinspect.files import write_json
from tinyinspect.quantization.error_analysis import advice, analyse, by_class, summary, worst
from tinyinspect.quantization.error_plot import Changed, draw_changed, draw_layers

MOST_FRAMES = 200  # that the layers are compared on, evenly spaced


def write_quantization_error(models: Path, size: int, scored: Scored, summary_path: Path, plots: Path) -> str:
    """Compare the int8 file with what was rounded, layer by layer, and show the frames that it answers differently.

    Args:
        models: with ``model_rounded_float32.tflite`` and ``model_int8.tflite``.
        size: side of the model's input in pixels.
        scored: the test pictures with the outputs of every runtime; the largest decides, for both tasks.
        summary_path: the JSON file.
        plots: gets ``quantization_error.png`` and ``quantization_changed.jpg``.

    Returns:
        The worst layer and what to try, one sentence.

    Raises:
        InputError: See :func:`analyse`.
    """
    frames, files = scored.test.frames, (models / "model_rounded_float32.tflite", models / "model_int8.tflite")
    answers = [scored.logits[name].argmax(1) for name in (FLOAT, INT8)]
    changed = answers[0] != answers[1]
    spaced = np.unique(np.linspace(0, len(frames) - 1, MOST_FRAMES).round().astype(int))
    layers = analyse(*files, frames.take(spaced).views(size))
    views = frames.take(changed).views(size) if changed.any() else np.empty((0, size, size, 3), np.uint8)
    by_label = by_class(*files, views, changed, frames.labels, scored.test.classes)
    write_json(summary(layers, by_label), summary_path)
    draw_layers(layers, plots / "quantization_error.png")
    draw_changed(_changed_by_class(scored, answers), plots / "quantization_changed.jpg")
    weakest = worst(layers)
    return f"layer {weakest.layer} loses most to int8 ({weakest.own_sqnr_db:.1f} dB): {advice(weakest)}"


def _changed_by_class(scored: Scored, answers: list[NDArray[np.int64]]) -> list[Changed]:
    frames, classes, (of_float, of_int8) = scored.test.frames, scored.test.classes, answers
    found = []
    for label, name in enumerate(classes):
        rows = np.flatnonzero((frames.labels == label) & (of_float != of_int8))
        captions = [f"float {classes[of_float[row]]}\nint8 {classes[of_int8[row]]}" for row in rows]
        of_class = int((frames.labels == label).sum())
        found.append(Changed(name, of_class, [frames.pictures[row] for row in rows], captions))
    return found
