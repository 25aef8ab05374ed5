"""Which scores of a classifier count: a temperature and two limits."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tinyinspect.files import read_json


class ScoreLimits(BaseModel):
    """How the camera's program reads the logits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float = Field(gt=0, description="Logits are divided by it before the softmax")
    min_score: float = Field(ge=0, le=1, description="A frame counts towards its class from this score on")
    unsure_below: float = Field(ge=0, le=1, description="A frame whose best score is lower is one to collect")
    held_out: int = Field(description="Frames that this was chosen on, each scored by a network that did not see it")
    error_rate: float = Field(description="Share of wrong answers among those whose score counts")
    counted: float = Field(description="Share of these frames whose score counts")


def read(path: Path) -> ScoreLimits:
    """Read ``models/decision.json``.

    Raises:
        InputError: The file is missing or is not what the stage `decide` writes for a classifier.
    """
    return read_json(path, ScoreLimits, "run `dvc repro decide`")
