"""Lets onnx-tf 1.10.0, its last release, be imported beside today's onnx.

It wants `onnx.mapping`, which onnx removed, and TensorFlow Addons, which no longer imports beside Keras 3. This file
can go when the converter `onnx_tf` goes.
"""

import sys
from types import ModuleType
from typing import Any

import onnx
from onnx import TensorProto, helper

from tinyinspect.conversion.quiet_tensorflow import tf


def prepare_import() -> None:
    """Put what onnx-tf imports and cannot find into place; harmless when called again."""
    mapping = _mapping()
    sys.modules["onnx.mapping"] = mapping
    vars(onnx)["mapping"] = vars(helper)["mapping"] = mapping
    _stand_in("tensorflow_addons", seq2seq=_module("tensorflow_addons.seq2seq", hardmax=_hardmax))
    _stand_in("tensorflow_probability", distributions=_module("tensorflow_probability.distributions"))


def _mapping() -> ModuleType:
    types = [kind for kind in TensorProto.DataType.values() if kind != TensorProto.UNDEFINED]
    to_numpy = {}
    for kind in types:
        try:
            to_numpy[kind] = helper.tensor_dtype_to_np_dtype(kind)
        except (KeyError, TypeError, ValueError):  # kinds without a numpy type
            continue
    storage = {kind: helper.tensor_dtype_to_storage_tensor_dtype(kind) for kind in to_numpy}
    from_numpy: dict[Any, int] = {}
    for kind, dtype in to_numpy.items():
        from_numpy.setdefault(dtype, kind)
    return _module(
        "onnx.mapping",
        TENSOR_TYPE_TO_NP_TYPE=to_numpy,
        NP_TYPE_TO_TENSOR_TYPE=from_numpy,
        TENSOR_TYPE_TO_STORAGE_TENSOR_TYPE=storage,
        STORAGE_TENSOR_TYPE_TO_FIELD={kind: helper.tensor_dtype_to_field(kind) for kind in storage.values()},
    )


def _stand_in(name: str, **parts: ModuleType) -> None:
    sys.modules[name] = _module(name, **parts)
    for part, module in parts.items():
        sys.modules[f"{name}.{part}"] = module


def _module(name: str, **content: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content)
    return module


def _hardmax(logits: tf.Tensor) -> tf.Tensor:
    return tf.one_hot(tf.argmax(logits, -1), tf.shape(logits)[-1], dtype=logits.dtype)
