"""The sections ``task``, ``loss`` and ``decide`` of a classifier."""

from typing import Annotated, Any, Literal

from pydantic import Field

from tinyinspect.config.section import MOST_UNLABELLED, DecideSettings, Fraction, LossSettings, TaskSettings


class Task(TaskSettings):
    """A classifier: which of ``data.classes`` a frame shows."""

    name: Literal["classifier"] = Field(description="Name of the task")
    folds: Annotated[int, Field(ge=2)] = Field(
        description="Parts into which the training frames are cut; a network trained on the others scores each part, "
        "for `decide`"
    )
    unlabelled_frames: Annotated[int, Field(ge=0, le=MOST_UNLABELLED)] = Field(
        description="With fewer than 100 labels: most frames without a label that train too, each with the classes "
        "that a linear classifier on the teacher's features takes it for; 0, or teacher=none, trains on labels alone"
    )
    fold_epochs: Fraction = Field(description="Epochs for which these networks are trained, as a share of train.epochs")


class Loss(LossSettings):
    """Cross entropy, in which rare classes may weigh more."""

    name: Literal["cross_entropy"] = Field(description="Name of the loss")
    class_balance: Fraction = Field(
        description="How much rarity weighs: with 1 every class counts the same (balanced accuracy), with 0 every "
        "frame does (accuracy); a class of n frames has the weight n to the power of minus this"
    )
    label_smoothing: Fraction = Field(
        description="Share of the target that is spread over all classes; 0 turns smoothing off"
    )


class Decide(DecideSettings):
    """Which scores count on the camera, chosen on frames that were held out."""

    max_error_rate: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="Largest share of wrong answers among the held-out frames whose score counts"
    )
    unsure_rate: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="Share of the held-out frames that collect.py would save as unsure"
    )


def check(params: Any) -> None:
    """Refuse a whole ``params.yaml`` that this task cannot use.

    Raises:
        ValueError: There are fewer than two classes.
    """
    if len(params.data.classes) < 2:
        raise ValueError("data.classes names one class, and a classifier needs at least two; add another")
