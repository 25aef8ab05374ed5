"""A float .tflite file whose activations carry ranges, as TensorFlow's calibration leaves it: read, run, changed."""

from collections.abc import Iterator

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

Range = tuple[float, float]  # its ends; 0 lies between them


def ranges_of(content: bytes) -> dict[int, Range]:
    """The range of each activation by its place in the file; not of the input, whose range the camera sets."""
    subgraph = model_of(content).subgraphs[0]
    return {
        place: (float(tensor.quantization.min[0]), float(tensor.quantization.max[0]))
        for place, tensor in enumerate(subgraph.tensors)
        if place not in subgraph.inputs and tensor.quantization is not None and tensor.quantization.min is not None
    }


def with_ranges(content: bytes, ranges: dict[int, Range]) -> bytes:
    """The same file with other ranges at these places."""
    model = model_of(content)
    for place, (low, high) in ranges.items():
        quantization = model.subgraphs[0].tensors[place].quantization
        quantization.min, quantization.max = [min(low, 0.0)], [max(high, 0.0)]
    return content_of(model)


def values_of(content: bytes, views: NDArray[np.uint8], places: list[int]) -> Iterator[dict[int, NDArray[np.float32]]]:
    """The values of activations, frame by frame.

    Args:
        content: the file.
        views: (n, size, size, 3) uint8 frames.
        places: of the activations.
    """
    interpreter = Interpreter(
        model_content=content,
        num_threads=1,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    start = interpreter.get_input_details()[0]["index"]
    for view in views:
        interpreter.set_tensor(start, view[None].astype(np.float32) / 255)
        interpreter.invoke()
        yield {place: interpreter.get_tensor(place) for place in places}


def content_of(model: schema.ModelT) -> bytes:
    """A model as the bytes of a .tflite file."""
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def model_of(content: bytes) -> schema.ModelT:
    """The bytes of a .tflite file as a model that can be changed."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
