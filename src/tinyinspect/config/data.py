"""What the recordings show."""

from typing import Annotated

from pydantic import AfterValidator, Field, PositiveInt

from tinyinspect.config.section import ClassName, Section, distinct


class Data(Section):
    """What the recordings show."""

    classes: Annotated[list[ClassName], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="The labels of frames; their order is the order of a classifier's outputs"
    )
    train_labels: PositiveInt | None = Field(description="Most labelled frames to train on; null uses all")
    test_labels: PositiveInt | None = Field(description="Most labelled frames to test on; null uses all")
