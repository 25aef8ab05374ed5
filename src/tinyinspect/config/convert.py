"""From ONNX to TensorFlow."""

from enum import StrEnum

from pydantic import Field

from tinyinspect.config.section import Section


class Converter(StrEnum):
    """From ONNX to a TensorFlow SavedModel."""

    ONNX2TF = "onnx2tf"
    ONNX_TF = "onnx_tf"


class Convert(Section):
    """From ONNX to TensorFlow."""

    converter: Converter = Field(description="The package that makes the SavedModel")
