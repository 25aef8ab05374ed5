"""What a network costs on the board, and why it does not run there, known before it is trained."""

from pathlib import Path

import optuna
from pydantic import BaseModel

from tinyinspect.config.params import Params
from tinyinspect.learning.resume import fingerprint
from tinyinspect.project.untrained import verdict_of


class Cost(BaseModel):
    """What an untrained network costs.

    Attributes:
        milliseconds: of one inference, at most; None where no time is known.
        file_bytes: of the file that goes to the board.
        refusal: why it does not run there; empty where it does.
    """

    milliseconds: float | None
    file_bytes: int
    refusal: str = ""


def cost_of(study: optuna.Study, root: Path, params: Params, most_milliseconds: float | None) -> Cost:
    """The cost of a network on its board, worked out once in a study.

    Args:
        study: that remembers it.
        root: of the project.
        params: its network, task, classes, board and accelerator.
        most_milliseconds: that an inference may take; None sets no limit.
    """
    about = (params.model, params.task.name, len(params.data.classes), params.board, params.accelerator, params.convert)
    key = f"cost {fingerprint(repr(about))[:16]}"
    if key not in study.user_attrs:
        study.set_user_attr(key, _measured(root, params).model_dump())
    found = Cost.model_validate(study.user_attrs[key])
    time = found.milliseconds
    if found.refusal or most_milliseconds is None or time is None or time <= most_milliseconds:
        return found
    return found.model_copy(update={"refusal": f"an inference takes {time:.1f} ms"})


def _measured(root: Path, params: Params) -> Cost:
    verdict = verdict_of(root, params)
    time = verdict.milliseconds
    return Cost(
        milliseconds=None if time is None else round(time.high, 2),
        file_bytes=verdict.file_bytes,
        refusal="; ".join(verdict.reasons),
    )
