"""What a Core ML program computes, where Core ML does not run: its operations one by one, in PyTorch.

Every operation works in float32 and rounds its result to the type that the program gives it. Only what the networks of
this project become is known: any other operation is an error, never a guess.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from tinyinspect.errors import InputError

if TYPE_CHECKING:  # importing coremltools is left to coreml.py, which does it quietly
    from coremltools.converters.mil.mil import Operation, Program, Var

_TYPES = {"fp16": torch.float16, "fp32": torch.float32}


@torch.inference_mode()
def evaluate(program: "Program", inputs: Mapping[str, Tensor]) -> dict[str, Any]:
    """Outputs of a program by name: float32 tensors; of a classifier, the label and the score of each class.

    Args:
        program: an ML program, as ``milproto.load`` reads it from a package.
        inputs: float32 tensors by name, in the program's shapes; an image is (1, 3, height, width) in 0..255.

    Raises:
        InputError: The program holds an operation that is not known here.
    """
    main = program.functions["main"]
    values: dict[str, Any] = dict(inputs)
    for operation in main.operations:
        if operation.op_type != "const":
            values |= _results(operation, values)
    return {output.name: values[output.name] for output in main.outputs}


def _results(operation: "Operation", values: dict[str, Any]) -> dict[str, Any]:
    if operation.op_type not in _OPERATIONS:
        raise _unknown(f"the operation '{operation.op_type}' ({operation.name})")
    arguments = {name: _argument(var, values) for name, var in operation.inputs.items()}
    made = _OPERATIONS[operation.op_type](**arguments)
    results = made if isinstance(made, tuple) else (_rounded(made, operation.outputs[0]),)
    return {var.name: result for var, result in zip(operation.outputs, results, strict=True)}


def _argument(var: Any, values: dict[str, Any]) -> Any:
    if isinstance(var, list | tuple):
        return [_argument(one, values) for one in var]
    return values[var.name] if var.val is None else _constant(var.val)


def _constant(value: Any) -> Any:
    if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.floating):
        return torch.from_numpy(value.astype(np.float32))
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _rounded(result: Tensor, var: "Var") -> Tensor:
    kind = var.dtype.__type_info__().name
    if kind not in _TYPES:
        raise _unknown(f"numbers of type {kind} ({var.name})")
    return result.to(_TYPES[kind]).float()


def _unknown(what: str) -> InputError:
    return InputError(
        f"the Core ML program holds {what}, which cannot be computed here; teach it to "
        "tinyinspect/conversion/mil_evaluator.py, or build the network from layers that models/ already uses"
    )


def _pad(x: Tensor, pad: list[int], mode: str, constant_val: float) -> Tensor:
    # Core ML counts from the first axis, PyTorch from the last.
    pairs = list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    return F.pad(x, [amount for pair in pairs for amount in pair], mode, constant_val)


def _conv(
    x: Tensor,
    weight: Tensor,
    strides: list[int],
    pad_type: str,
    pad: list[int],
    dilations: list[int],
    groups: int,
    bias: Tensor | None = None,
) -> Tensor:
    return F.conv2d(x, weight, bias, strides, _padding(pad_type, pad), dilations, groups)


def _avg_pool(
    x: Tensor,
    kernel_sizes: list[int],
    strides: list[int],
    pad_type: str,
    pad: list[int],
    exclude_padding_from_average: bool,
    ceil_mode: bool,
) -> Tensor:
    padding = _padding(pad_type, pad)
    return F.avg_pool2d(x, kernel_sizes, strides, padding, ceil_mode, not exclude_padding_from_average)


def _padding(pad_type: str, pad: list[int]) -> tuple[int, int]:
    if pad_type == "valid":
        return 0, 0
    top, bottom, left, right = pad
    if pad_type != "custom" or (top, left) != (bottom, right):
        raise _unknown(f"the padding '{pad_type}' of {pad}")
    return top, left


def _classify(probabilities: Tensor, classes: list[str]) -> tuple[str, dict[str, float]]:
    scores = dict(zip(classes, probabilities.flatten().tolist(), strict=True))
    return max(scores, key=scores.__getitem__), scores


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "avg_pool": _avg_pool,
    "cast": lambda x, dtype: x,  # the type of its output says the same
    "classify": _classify,
    "clip": lambda x, alpha, beta: x.clamp(alpha, beta),
    "concat": lambda values, axis, interleave: torch.cat(values, axis),
    "conv": _conv,
    "linear": lambda x, weight, bias: F.linear(x, weight, bias),
    "mul": lambda x, y: x * y,
    "pad": _pad,
    "relu": lambda x: x.relu(),
    "reshape": lambda x, shape: x.reshape(shape),
    "softmax": lambda x, axis: x.softmax(axis),
}
