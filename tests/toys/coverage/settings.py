"""The sections ``task``, ``loss`` and ``decide``."""

from typing import Any, Literal

from tinyinspect.config.section import DecideSettings, LossSettings, TaskSettings


class Task(TaskSettings):
    """A number for each class."""

    name: Literal["coverage"]
    covered: list[float]


class Loss(LossSettings):
    """Squared error."""

    name: Literal["squared_error"]


class Decide(DecideSettings):
    """Nothing to choose by."""


def check(params: Any) -> None:
    """Refuse numbers that do not match the classes."""
    if len(params.task.covered) != len(params.data.classes):
        raise ValueError("task.covered needs one number for each of data.classes; add or remove some")
