"""Full int8 quantization."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from tinyinspect.config.section import Section


class Method(StrEnum):
    """How a float network becomes an int8 file."""

    PTQ = "ptq"  # rounding after training
    PTQ_EQUALIZED = "ptq_equalized"  # the same, with channels brought to one range and biases corrected before
    QAT = "qat"  # a training of the equalized network that rounds as int8 does
    QAT_INT4 = "qat_int4"  # the same with weights of 4 bits

    @property
    def trains(self) -> bool:
        """Whether the network is trained to bear its rounding."""
        return self in (Method.QAT, Method.QAT_INT4)


class CalibrationChoice(StrEnum):
    """Which training frames calibrate, where there are more than `calibration_frames`."""

    RANDOM = "random"  # the classes take turns
    DIVERSE = "diverse"  # a coreset of the network's own features


class Ranges(StrEnum):
    """From the values that a layer gives on calibration frames to the range that int8 covers."""

    MIN_MAX = "min_max"
    PERCENTILE = "percentile"  # without the most extreme values
    MSE = "mse"  # of the smallest squared error


def _refuse_int16(name: object) -> object:
    if name == "int16":
        raise PydanticCustomError(
            "refused_by_the_camera",
            "The camera's firmware writes no pixels into an int16 input, and TensorFlow gives a network with int16 "
            "activations no int8 input; choose ptq, ptq_equalized, qat or qat_int4",
        )
    return name


class Quantize(Section):
    """Full int8 quantization."""

    method: Annotated[Method, BeforeValidator(_refuse_int16)] = Field(description="How the float network becomes int8")
    calibration_frames: PositiveInt = Field(description="Training frames from which the ranges of int8 are measured")
    calibration_choice: CalibrationChoice = Field(
        description="Which training frames those are, where the training set has more"
    )
    ranges: Ranges = Field(description="How the range of an activation follows from the calibration frames")
    training_steps: PositiveInt | None = Field(
        description="Batches of train.batch_size pictures that qat and qat_int4 train with; null for the other methods"
    )
    max_accuracy_lost_points: NonNegativeFloat | None = Field(
        description="Percentage points that int8 may lose beyond its 95 % interval; null sets no limit"
    )

    @model_validator(mode="after")
    def _steps_where_they_train(self) -> Self:
        if self.method.trains and self.training_steps is None:
            raise ValueError(
                f"quantize.training_steps is null, but {self.method} trains; "
                f"set it to 300 or choose quantize={self.method}"
            )
        if not self.method.trains and self.training_steps is not None:
            raise ValueError(f"quantize.training_steps has no effect on {self.method}; leave it out or choose qat")
        return self
