"""PyTorch to ONNX, in a form that converts to TFLite without PAD or TRANSPOSE, checked with onnxruntime."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_graphsurgeon as gs
import torch
from numpy.typing import NDArray
from onnx import ModelProto
from torch import nn

from tinyinspect.conversion.onnx_file import INPUT, OUTPUT, run
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file

OPSET = 17  # the newest that onnx-tf converts


def export(network: nn.Module, samples: NDArray[np.float32], path: Path, tolerance: float = 1e-4) -> float:
    """Write a network in eval mode as ONNX with a batch of any size.

    Args:
        network: (n, 3, size, size) float32 in [0, 1] to (n, outputs).
        samples: (n, 3, size, size) float32 real frames to check with.
        path: the .onnx file.
        tolerance: largest difference allowed between onnxruntime and PyTorch on the samples.

    Returns:
        The largest difference found.

    Raises:
        InputError: onnxruntime and PyTorch disagree.
    """
    tensor = torch.from_numpy(samples)
    with complete_file(path) as target, warnings.catch_warnings():
        # Said of every export of this kind; what it did not fold, fuse_padding does.
        warnings.filterwarnings("ignore", "Constant folding|.*legacy TorchScript")
        torch.onnx.export(
            network.eval(),
            (tensor[:1],),
            target,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "batch"}, OUTPUT: {0: "batch"}},
            dynamo=False,  # the other exporter writes opset 18 and later
        )
        model = fuse_padding(onnx.load(target))
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, target)
        with torch.no_grad():
            expected = network(tensor).numpy()
        difference = float(np.abs(run(target, samples) - expected).max())
        if not difference <= tolerance:
            raise InputError(
                f"{path}: onnxruntime differs from PyTorch by {difference:.2g}, more than {tolerance:g}; "
                "train again with a smaller learning rate, the weights may have grown out of float32's range"
            )
    return difference


def fuse_padding(model: ModelProto) -> ModelProto:
    """Turn every Pad in front of a convolution into the convolution's own SAME_UPPER padding."""
    graph = gs.import_onnx(model).fold_constants().cleanup()
    for node in graph.nodes:
        pad = _producer(node)
        if node.op != "Conv" or pad is None or pad.op != "Pad":
            continue
        if _is_same_upper(pad.inputs[1].values.tolist(), node.attrs):
            node.inputs[0] = pad.inputs[0]
            del node.attrs["pads"]
            node.attrs["auto_pad"] = "SAME_UPPER"
    return gs.export_onnx(graph.cleanup().toposort())


def _producer(node: gs.Node) -> gs.Node | None:
    first = node.inputs[0].inputs if node.inputs else []
    return first[0] if first else None


def _is_same_upper(amounts: list[int], convolution: dict[str, Any]) -> bool:
    kernels, strides = convolution["kernel_shape"], convolution["strides"]
    totals = [max(kernel - stride, 0) for kernel, stride in zip(kernels, strides, strict=True)]
    expected = [0, 0, *(total // 2 for total in totals), 0, 0, *(total - total // 2 for total in totals)]
    return amounts == expected and not any(convolution["pads"])
