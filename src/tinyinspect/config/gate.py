"""What the anomaly gate lets through."""

from typing import Annotated

from pydantic import AfterValidator, Field, NonNegativeInt

from tinyinspect.config.section import ClassName, Section, distinct


class Gate(Section):
    """What the anomaly gate lets through, and the pictures that it must not."""

    normal_classes: Annotated[list[ClassName], Field(min_length=1), AfterValidator(distinct)]
    packaged_crops: NonNegativeInt = Field(description="Of each photo that comes with the installed packages")
    rendered_objects: NonNegativeInt = Field(
        description="Pictures of each kind of foreign object on the simulated tray"
    )
    test_sources: list[str] | None = Field(description="Abnormal sources to test on; null draws them by the seed")
    false_accept_rate: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="Of abnormal pictures, sets the threshold"
    )
