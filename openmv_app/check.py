"""Runs the bundled test frames and compares the model's int8 outputs with the host's, number by number."""

import json
import time

import image
from tinyinspect_camera import CameraError, Classifier, run

FOLDER = "check_frames/"
EXPECTED = FOLDER + "expected.json"


def quantised(model, logits):
    """The int8 outputs from which the firmware made the floats."""
    scale = model.output_scale[0]
    return [round(value / scale) + model.output_zero_point[0] for value in logits]


def check(settings, lights):
    """Print one line a frame and, last, how many are equal."""
    try:
        with open(EXPECTED) as file:
            expected = json.load(file)
    except (OSError, ValueError) as error:
        raise CameraError("%s cannot be read (%s); copy its folder to the camera" % (EXPECTED, error))
    classifier = Classifier(settings)
    print("model %s" % settings["classifier"]["sha256"])
    equal = 0
    for name in sorted(expected):
        outputs = quantised(classifier.model, classifier.logits(image.Image(FOLDER + name)))
        equal += outputs == expected[name]
        print("%s %s" % (name, " ".join([str(output) for output in outputs])))
        time.sleep_ms(50)  # the buffer that the host reads from holds 1 kB
    print("%d of %d frames equal the host's" % (equal, len(expected)))


run(check)
