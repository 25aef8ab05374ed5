"""Runs the bundled test frames and compares each model's int8 outputs with the host's, number by number."""

import json
import time

import image
from tinyinspect_camera import CameraError, models_of, run

FOLDER = "check_frames/"
EXPECTED = FOLDER + "expected.json"
NUMBERS = 64  # in a line; the buffer that the host reads from holds 1 kB


def quantised(model, outputs):
    """The int8 outputs from which the firmware made the floats."""
    scale = model.output_scale[0]
    return [round(value / scale) + model.output_zero_point[0] for value in outputs]


def show(name, outputs):
    """Print a frame's outputs, in as many lines as they need."""
    for start in range(0, len(outputs), NUMBERS):
        print("%s %s" % (name, " ".join([str(output) for output in outputs[start : start + NUMBERS]])))
        time.sleep_ms(50)  # for the host to read it


def check_model(model, expected):
    """Print a model's SHA-256 and its outputs for each of its frames; how many are equal, and of how many."""
    if model.file not in expected:
        raise CameraError("%s holds no frames for %s; copy both from one bundle" % (EXPECTED, model.file))
    print("%s %s" % (model.file, model.sha256))
    frames = expected[model.file]
    equal = 0
    for name in sorted(frames):
        outputs = quantised(model.model, model.outputs(image.Image(FOLDER + name)).tolist())
        equal += outputs == frames[name]
        show(name, outputs)
    return equal, len(frames)


def check(settings, lights):
    """Check every model of the bundle and print, last, how many frames are equal."""
    try:
        with open(EXPECTED) as file:
            expected = json.load(file)
    except (OSError, ValueError) as error:
        raise CameraError("%s cannot be read (%s); copy its folder to the camera" % (EXPECTED, error))
    equal = frames = 0
    for kind in models_of(settings):
        # One at a time: the heap that holds one of two needs no frame memory, and so no image sensor.
        right, all_frames = check_model(kind(settings), expected)
        equal += right
        frames += all_frames
    print("%d of %d frames equal the host's" % (equal, frames))


run(check)
