"""The sections ``task``, ``loss`` and ``decide`` of a classifier."""

from typing import Annotated, Any, Literal

from pydantic import Field

from tinyinspect.config.section import DecideSettings, Fraction, LossSettings, TaskSettings


class Task(TaskSettings):
    """A classifier: which of ``data.classes`` a frame shows."""

    name: Literal["classifier"]
    folds: Annotated[int, Field(ge=2)] = Field(
        description="Parts of the training frames; each is scored by a network that was trained on the others"
    )
    fold_epochs: Fraction = Field(description="Epochs of these networks, as a share of train.epochs")


class Loss(LossSettings):
    """Cross entropy, every class with the same share of it."""

    name: Literal["cross_entropy"]
    label_smoothing: Fraction = Field(description="Share of the target that is spread over all classes")


class Decide(DecideSettings):
    """Which scores count on the camera, chosen on frames that were held out."""

    max_error_rate: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="Largest share of wrong answers among the held-out frames whose score counts"
    )
    unsure_rate: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="Share of the held-out frames that the camera would collect as unsure"
    )


def check(params: Any) -> None:
    """Refuse a whole ``params.yaml`` that this task cannot use.

    Raises:
        ValueError: There is nothing to tell apart.
    """
    if len(params.data.classes) < 2:
        raise ValueError("data.classes names one class, and a classifier tells at least two apart; add another")
