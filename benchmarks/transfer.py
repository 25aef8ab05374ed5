"""How a model trained on the embedded, simulated recordings alone does on real frames.

    python benchmarks/transfer.py [--model models/model_int8.tflite] [--frames real/dataset]

Run `make repro` for the model and `make real DATA=...` for the frames first.
"""

import argparse
from pathlib import Path

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.errors import reported
from tinyinspect.evaluation.runtimes import tflite_micro
from tinyinspect.selection.labelled import DATASET_SPLITS, frames_folder, read_labelled
from tinyinspect.tasks.classifier.measures import of_runtime


def main() -> None:
    """Print accuracy, balanced accuracy and recalls of the int8 model over all annotated frames."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/model_int8.tflite"), help="an int8 file")
    parser.add_argument("--frames", type=Path, default=Path("real/dataset"), help="the dataset")
    arguments = parser.parse_args()
    params = load(Path("params.yaml"), Params)
    frames = read_labelled([frames_folder(arguments.frames, split) for split in DATASET_SPLITS], params.data.classes)
    views, labels = frames.views(params.model.input_size), frames.labels
    found = of_runtime(tflite_micro(arguments.model, views).argmax(1), labels, params.data.classes, params.seed)
    print(f"{len(labels)} frames: accuracy {found['accuracy']:.1%}, balanced {found['balanced_accuracy']:.1%}")
    print("recall: " + ", ".join(f"{name} {recall:.1%}" for name, recall in found["recall"].items()))


if __name__ == "__main__":
    with reported():
        main()
