"""What a reviewer sees of int8's errors: ``quantization_error.json``, a plot by layer, and the frames that changed."""

import json
from pathlib import Path

import numpy as np

from tinyinspect.evaluation.scored import FLOAT, INT8, Scored
from tinyinspect.files import complete_file
from tinyinspect.quantization.error_analysis import advice, analyse, by_class, summary, worst
from tinyinspect.quantization.error_plot import draw_changed, draw_layers

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
    with complete_file(summary_path) as target:
        target.write_text(json.dumps(summary(layers, by_label), indent=2) + "\n")
    draw_layers(layers, plots / "quantization_error.png")
    rows, classes = np.flatnonzero(changed), scored.test.classes
    captions = [
        f"is {classes[frames.labels[row]]}\nfloat {classes[answers[0][row]]}, int8 {classes[answers[1][row]]}"
        for row in rows
    ]
    draw_changed([frames.pictures[row] for row in rows], captions, len(frames), plots / "quantization_changed.jpg")
    weakest = worst(layers)
    return f"layer {weakest.layer} loses most to int8 ({weakest.own_sqnr_db:.1f} dB): {advice(weakest)}"
