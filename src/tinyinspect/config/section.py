"""What all sections of ``params.yaml`` are made of."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0, le=1)]
Epochs = Annotated[int, Field(ge=0)]


def _as_text(name: object) -> object:
    """YAML takes 1 for a number and true for a truth value; as the name of a class it is its text."""
    if isinstance(name, bool):
        return str(name).lower()
    return str(name) if isinstance(name, int | float) else name


# A file name on every system, and one line of the camera's labels: anything but / \\ : * ? " < > | and control
# characters, and neither blank nor point at either end. A label that begins with ! is reserved.
ClassName = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(pattern=r'^[^\s./\\:*?"<>|!\x00-\x1f\x7f-]([^/\\:*?"<>|\x00-\x1f\x7f]*[^\s./\\:*?"<>|\x00-\x1f\x7f])?$'),
]


class Section(BaseModel):
    """A closed, immutable section of ``params.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def distinct(names: list[str]) -> list[str]:
    """The names, refused where one stands twice."""
    if len(set(names)) < len(names):
        raise ValueError("each name may stand in it once")
    return names
