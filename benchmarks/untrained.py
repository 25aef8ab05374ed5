"""What a model costs on its board before anyone trains it: the verdict on the int8 file of its initial weights.

    python benchmarks/untrained.py model=mobilenetv2_metric_h7 model.width=0.2
    python benchmarks/untrained.py model=efficientnet_lite0_metric model.input_size=224

Give settings as for `tinyinspect compose`. The pictures that calibrate are random colours, so the file is of no use but
for its cost. Arena, operators and instructions do not depend on the weights; a trained file may differ by some bytes.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.conversion.onnx import export
from tinyinspect.device.boards import read_boards
from tinyinspect.device.check import check_file
from tinyinspect.device.verdict import OWN
from tinyinspect.device.verdict_text import verdict_text
from tinyinspect.errors import reported
from tinyinspect.models.checkpoint import build
from tinyinspect.project.compose import composed
from tinyinspect.registry import architecture_part, task_part

CONF = Path("conf")
PATCHES = 8  # along a side of a picture, each of one colour


def pictures(size: int) -> NDArray[np.uint8]:
    """Eight pictures of random colours, (8, size, size, 3)."""
    small = np.random.default_rng(0).integers(0, 256, (8, PATCHES, PATCHES, 3), np.uint8)
    return small.repeat(size // PATCHES, axis=1).repeat(size // PATCHES, axis=2)


def int8_file(params: Params, folder: Path) -> Path:
    """The int8 file of the network's initial weights."""
    views = pictures(params.model.input_size)
    samples = np.ascontiguousarray(views.transpose(0, 3, 1, 2), np.float32) / np.float32(255)
    torch.manual_seed(params.seed)
    outputs = task_part(params.task.name, "objective").outputs(classes=params.data.classes, task=params.task)
    network = build(params.model, outputs)
    architecture_part(params.model.architecture, "network").initialize(network, params.model)
    network.train()(torch.from_numpy(samples))  # BatchNorm statistics that are not the initial ones
    export(network, samples, folder / "model.onnx")
    # Loaded last: torchvision, which `build` loads, crashes where TensorFlow was loaded before it.
    from tinyinspect.conversion.tensorflow import convert
    from tinyinspect.conversion.tflite import to_int8

    convert(folder / "model.onnx", views.astype(np.float32) / 255, folder / "saved_model", params.convert.converter)
    to_int8(folder / "saved_model", views, folder / "model.tflite")
    return folder / "model.tflite"


def main() -> None:
    """Print the verdict on the board that the settings name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="*", help="as for `tinyinspect compose`")
    params = check(composed(CONF, parser.parse_args().settings), "conf/", Params)
    boards = list(read_boards(CONF / "board").values())
    with tempfile.TemporaryDirectory() as folder:
        model = int8_file(params, Path(folder))
        print(*map(verdict_text, check_file(model, [params.board], boards, CONF / "accelerator", OWN)), sep="\n")


if __name__ == "__main__":
    with reported():
        main()
