"""What all sections of ``params.yaml`` are made of.

The sections ``model``, ``task``, ``loss`` and ``decide`` have a kind for each architecture and task; here is what all
of these kinds have.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0, le=1)]
Epochs = Annotated[int, Field(ge=0)]
MOST_UNLABELLED = 2000  # frames without a label that may train


def _as_text(name: object) -> object:
    """YAML takes 1 for a number and true for a truth value; as the name of a class it is its text."""
    if isinstance(name, bool):
        return str(name).lower()
    return str(name) if isinstance(name, int | float) else name


def _usable(name: str) -> str:
    """A file name on every system, one line of the camera's labels and one field of its CSV."""
    if not _CLASS_NAME.fullmatch(name) or _RESERVED.search(name):
        raise ValueError(
            'a class cannot be called so: leave out / \\ : * ? " < > | and commas, begin with none of . - !, and end '
            "with no blank or point"
        )
    return name


_CLASS_NAME = re.compile(r"[^\s.!-](.*[^\s.])?")
_RESERVED = re.compile(r'[/\\:*?"<>|,\x00-\x1f\x7f-\x9f\u2028\u2029]')
ClassName = Annotated[str, BeforeValidator(_as_text), AfterValidator(_usable)]


class Section(BaseModel):
    """A closed, immutable section of ``params.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def distinct(names: list[str]) -> list[str]:
    """The names, refused where one stands twice."""
    if len(set(names)) < len(names):
        raise ValueError("each name may stand in it once")
    return names


class ModelSettings(Section):
    """What every architecture's section says."""

    architecture: str = Field(description="Name of the architecture, as in the registry")
    input_size: int = Field(description="Side of the square input, in pixels")


class TaskSettings(Section):
    """What every task's section ``task`` says."""

    name: str = Field(description="Name of the task, as in the registry")
    validation_fraction: float = Field(
        gt=0, lt=1, description="Share of each class's labelled training frames that validate; at least one frame does"
    )


class LossSettings(Section):
    """What every task's section ``loss`` says."""

    name: str = Field(description="Name of the loss; each task knows its own")


class DecideSettings(Section):
    """The section ``decide``: the error rates that a task's decision is chosen for."""
