"""What all sections of ``params.yaml`` are made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0, le=1)]
Epochs = Annotated[int, Field(ge=0)]
# A file name on every system, and one line of the camera's labels: letters, digits, _ and, inside, space . -
ClassName = Annotated[str, Field(pattern=r"^\w([\w .-]*\w)?$")]


class Section(BaseModel):
    """A closed, immutable section of ``params.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def distinct(names: list[str]) -> list[str]:
    """The names, refused where one stands twice."""
    if len(set(names)) < len(names):
        raise ValueError("each name may stand in it once")
    return names
