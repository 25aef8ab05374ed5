"""How a model trained on the embedded, simulated recordings alone does on real frames.

    python benchmarks/transfer.py [--model models/model_int8.tflite] [--frames real/labeled]

Run `make repro` for the model and `make real DATA=...` for the frames first.
"""

import argparse
from pathlib import Path

import numpy as np

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.errors import reported
from tinyinspect.evaluation.classification import of_runtime
from tinyinspect.evaluation.runtimes import tflite_micro
from tinyinspect.selection.labelled import read_labelled


def main() -> None:
    """Print accuracy, balanced accuracy and recalls of the int8 model over all annotated frames."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/model_int8.tflite"), help="an int8 file")
    parser.add_argument("--frames", type=Path, default=Path("real/labeled"), help="holds train/ and test/")
    arguments = parser.parse_args()
    params = load(Path("params.yaml"), Params)
    sets = [read_labelled(arguments.frames / split, params.data.classes) for split in ("train", "test")]
    views = np.concatenate([frames.views(params.model.input_size) for frames in sets])
    labels = np.concatenate([frames.labels for frames in sets])
    found = of_runtime(tflite_micro(arguments.model, views).argmax(1), labels, params.data.classes, params.seed)
    print(f"{len(labels)} frames: accuracy {found['accuracy']:.1%}, balanced {found['balanced_accuracy']:.1%}")
    print("recall: " + ", ".join(f"{name} {recall:.1%}" for name, recall in found["recall"].items()))


if __name__ == "__main__":
    with reported():
        main()
