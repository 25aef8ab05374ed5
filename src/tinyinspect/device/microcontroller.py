"""An int8 file as the camera runs it: TFLite Micro on the host, whose outputs equal the camera's bit for bit.

TFLite Micro has a package for Linux on x86-64 alone. Elsewhere LiteRT's reference kernels stand in for it.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError

try:
    from tflite_micro import runtime
except ImportError:
    runtime = None

ARENA_BYTES = 32 * 2**20  # any network loads on the host; whether it fits the camera is for `verify` to say
STAND_IN = None if runtime else "LiteRT reference kernels"  # what runs in place of TFLite Micro, if anything


class MicroRuntime:
    """A .tflite file with one int8 input and one int8 output, loaded into TFLite Micro, or into what stands in for it.

    Args:
        path: the file.

    Raises:
        InputError: The file is missing, damaged, holds an operator TFLite Micro lacks, or is not int8.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._interpreter = _interpreter(path.read_bytes())
        except FileNotFoundError:
            raise InputError(f"{path} is missing; run `dvc repro` to make it") from None
        # A damaged flatbuffer shows as whatever its reader stumbles over.
        except (RuntimeError, ValueError, TypeError, IndexError, AttributeError, struct.error) as error:
            raise InputError(
                f"{path} does not load in {STAND_IN or 'TFLite Micro'} ({error}); run `dvc repro` to make it anew"
            ) from None
        self._path = path
        self._input = self._interpreter.get_input_details(0)
        self._output = self._interpreter.get_output_details(0)
        kinds = [np.dtype(tensor["dtype"]).name for tensor in (self._input, self._output)]
        if kinds != ["int8", "int8"]:
            raise InputError(
                f"{path} is {kinds[0]} in and {kinds[1]} out, not int8 as the camera needs; quantize it first"
            )

    @property
    def input_size(self) -> int:
        """Side of the square input in pixels."""
        return int(self._input["shape"][1])

    @property
    def output_count(self) -> int:
        """Number of outputs: of classes, or of an embedding's numbers."""
        return int(self._output["shape"][-1])

    def outputs(self, inputs: NDArray[np.int8]) -> NDArray[np.float32]:
        """Run the model on one frame after another; the outputs, dequantised, (n, k).

        Args and errors are those of :meth:`quantised_outputs`.
        """
        quantization = self._output["quantization_parameters"]
        scale, zero_point = (np.float32(quantization[name][0]) for name in ("scales", "zero_points"))
        return (self.quantised_outputs(inputs).astype(np.float32) - zero_point) * scale

    def quantised_outputs(self, inputs: NDArray[np.int8]) -> NDArray[np.int8]:
        """Run the model on one frame after another.

        Args:
            inputs: camera views minus 128, (n, height, width, channels).

        Returns:
            The outputs, (n, k).

        Raises:
            InputError: The frames' shape is not the model's.
        """
        shape = tuple(int(side) for side in self._input["shape"][1:])
        if inputs.shape[1:] != shape:
            raise InputError(f"{self._path} takes frames of {shape}, not {inputs.shape[1:]}; run `dvc repro`")
        return np.stack([self._invoke(frame) for frame in inputs])

    def _invoke(self, frame: NDArray[np.int8]) -> NDArray[np.int8]:
        self._interpreter.set_input(frame[None], 0)
        self._interpreter.invoke()
        return self._interpreter.get_output(0).reshape(-1)


class _Reference:
    """LiteRT's reference kernels, with the methods of TFLite Micro's interpreter."""

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        kernels = OpResolverType.BUILTIN_REF
        self._interpreter = Interpreter(model_content=content, num_threads=1, experimental_op_resolver_type=kernels)
        self._interpreter.allocate_tensors()

    def get_input_details(self, index: int) -> dict[str, Any]:
        return self._interpreter.get_input_details()[index]

    def get_output_details(self, index: int) -> dict[str, Any]:
        return self._interpreter.get_output_details()[index]

    def set_input(self, values: NDArray[np.int8], index: int) -> None:
        self._interpreter.set_tensor(self.get_input_details(index)["index"], values)

    def invoke(self) -> None:
        self._interpreter.invoke()

    def get_output(self, index: int) -> NDArray[np.int8]:
        return self._interpreter.get_tensor(self.get_output_details(index)["index"])


def _interpreter(content: bytes) -> Any:
    if runtime is None:
        return _Reference(content)
    return runtime.Interpreter.from_bytes(content, arena_size=ARENA_BYTES)
