"""Networks that quantize badly: the same function with channels whose sizes differ by decades."""

import numpy as np
import onnx
import onnx_graphsurgeon as gs

from tinyinspect.quantization import channels
from tinyinspect.quantization.equalization import rescale


def spread(model: onnx.ModelProto, decades: float, seed: int = 0) -> onnx.ModelProto:
    """Divide every channel by up to 10 ** decades, where layers can make up for it exactly."""
    graph = channels.load(model)
    random = np.random.default_rng(seed)
    for group in channels.groups(graph):
        if group.free and group.writers and group.readers:
            rescale(group, 10 ** random.uniform(0, decades, len(channels.matrix(group.writers[0]))))
    return gs.export_onnx(graph)
