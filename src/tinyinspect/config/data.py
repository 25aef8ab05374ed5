"""What the recordings show."""

from typing import Annotated

from pydantic import AfterValidator, Field, PositiveInt

from tinyinspect.config.section import ClassName, Section, distinct


class Data(Section):
    """What the recordings show."""

    # Their order is the order of the model's outputs; each names a folder of the labelled set.
    classes: Annotated[list[ClassName], Field(min_length=1), AfterValidator(distinct)]
    train_labels: PositiveInt | None = Field(description="Most labelled frames to train on; null: all")
    test_labels: PositiveInt | None = Field(description="Most labelled frames to test on; null: all")
