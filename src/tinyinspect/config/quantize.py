"""Full int8 quantization."""

from pydantic import Field, PositiveInt

from tinyinspect.config.section import Section


class Quantize(Section):
    """Full int8 quantization."""

    calibration_frames: PositiveInt = Field(description="Of the training set, through the camera's preprocessing")
