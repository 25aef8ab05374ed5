"""A large network pretrained on ImageNet, from which the small one learns; it never goes to the camera."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from tinyinspect.config.section import Section


class TeacherSource(StrEnum):
    """Where the teacher and its weights come from."""

    NONE = "none"
    PACKAGED = "packaged"
    TORCHVISION = "torchvision"
    TIMM = "timm"


class Teacher(Section):
    """A large network pretrained on ImageNet, from which the small one learns; it never goes to the camera."""

    source: TeacherSource = Field(
        description="Where the teacher and its weights come from: packaged (efficientnet-lite0, in a package), "
        "torchvision or timm (downloaded once); none: no teacher"
    )
    name: str | None = Field(description="Name of the network, as its source calls it")
    weights: str | None = Field(
        description="File with the network's state_dict, for a machine without network access; null takes the source's"
    )
    input_size: Annotated[int, Field(ge=32, le=512)] = Field(
        description="Side of the square that the teacher sees, in pixels"
    )

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if self.source is not TeacherSource.NONE and not self.name:
            raise ValueError(f"teacher.name is null; name the network of {self.source}, or choose teacher=none")
        return self
