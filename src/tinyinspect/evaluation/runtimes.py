"""The same frames through the same model in five runtimes, from PyTorch to what the camera runs.

A runtime maps camera views to the model's outputs, whatever they mean: logits of a classifier or an embedding.
Threads are fixed at one and kernels at the portable ones, so that results repeat.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.models.checkpoint import load_model

Views = NDArray[np.uint8]  # (n, size, size, 3), through the camera's preprocessing
Outputs = NDArray[np.float32]  # (n, k)

BATCH = 64


def pytorch(path: Path, views: Views) -> Outputs:
    """A ``.safetensors`` file in PyTorch, on one CPU thread.

    Raises:
        InputError: The file is missing or not one of ours.
    """
    network = load_model(path)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            return np.concatenate([network(torch.from_numpy(batch)).numpy() for batch in _batches(views)])
    finally:
        torch.set_num_threads(threads)


def onnx(path: Path, views: Views) -> Outputs:
    """A ``.onnx`` file in ONNX Runtime, on one CPU thread.

    Raises:
        InputError: The file is missing, damaged, or takes frames of another size.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4  # the sentence below says it
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return np.concatenate([session.run(None, {name: batch})[0] for batch in _batches(views)])
    except Exception as error:  # ONNX Runtime's errors share no other base
        raise InputError(f"{path} does not run in ONNX Runtime ({_line(error)}); {_REMEDY}") from None


def tflite(path: Path, views: Views) -> Outputs:
    """A float32 or int8 ``.tflite`` file in TFLite (LiteRT), on one CPU thread, without the XNNPACK delegate.

    An int8 input gets view - 128, as on the camera; an int8 output is dequantised.

    Raises:
        InputError: The file is missing, damaged, or takes frames of another size.
    """
    kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        interpreter = Interpreter(str(path), num_threads=1, experimental_op_resolver_type=kernels)
        interpreter.allocate_tensors()
        raw = np.concatenate([_invoke(interpreter, view) for view in views])
    except (ValueError, RuntimeError, OSError) as error:
        raise InputError(f"{path} does not run in TFLite ({_line(error)}); {_REMEDY}") from None
    scale, zero_point = interpreter.get_output_details()[0]["quantization"]
    return raw if raw.dtype == np.float32 else (raw.astype(np.float32) - zero_point) * np.float32(scale)


def tflite_micro(path: Path, views: Views) -> Outputs:
    """An int8 ``.tflite`` file in TFLite Micro: bit for bit what the camera computes, or what STAND_IN does.

    Raises:
        InputError: The file is missing, damaged, not int8, or takes frames of another size.
    """
    return MicroRuntime(path).outputs(_int8(views))


RUNTIMES: dict[str, tuple[str, Callable[[Path, Views], Outputs]]] = {
    "pytorch": ("model.safetensors", pytorch),
    "onnx": ("model.onnx", onnx),
    "tflite_float": ("model_float32.tflite", tflite),
    "tflite_int8": ("model_int8.tflite", tflite),
    "tflite_micro": ("model_int8.tflite", tflite_micro),
}


def outputs_of_all(models: Path, views: Views) -> dict[str, Outputs]:
    """Run the model of the folder ``models`` in every runtime.

    Returns:
        By runtime, outputs of one shape (n, k).

    Raises:
        InputError: A file cannot be run, gives a number of outputs that differs from PyTorch's, or a NaN.
    """
    outputs = {name: run(models / file, views) for name, (file, run) in RUNTIMES.items()}
    expected = outputs["pytorch"].shape
    for name, values in outputs.items():
        path = models / RUNTIMES[name][0]
        if values.shape != expected:
            raise InputError(f"{path} gives {values.shape[1]} outputs where PyTorch gives {expected[1]}; {_REMEDY}")
        if not np.isfinite(values).all():
            raise InputError(f"{path} gives outputs that are no numbers; train again with a smaller learning rate")
    return outputs


_REMEDY = "run `dvc repro` to make it anew"


def _batches(views: Views) -> list[NDArray[np.float32]]:
    planes = views.transpose(0, 3, 1, 2)
    return [planes[i : i + BATCH].astype(np.float32) / np.float32(255) for i in range(0, len(views), BATCH)]


def _int8(views: Views) -> NDArray[np.int8]:
    return (views.astype(np.int16) - 128).astype(np.int8)


def _invoke(interpreter: Interpreter, view: NDArray[np.uint8]) -> NDArray:
    details = interpreter.get_input_details()[0]
    frame = _int8(view) if details["dtype"] is np.int8 else view.astype(np.float32) / np.float32(255)
    interpreter.set_tensor(details["index"], frame[None])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
