"""``accept.json``: the last word on a finished model, as one typed file."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tinyinspect.files import read_json

ACCEPT = Path("accept.json")


class Acceptance(BaseModel):
    """Whether a model is accepted, and why not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    refused: int = Field(description="How many limits the model breaks; 0 where it is accepted")
    reasons: list[str] = Field(description="One sentence for each of these limits")


def read_acceptance(path: Path = ACCEPT) -> Acceptance:
    """Read ``accept.json``.

    Raises:
        InputError: The file is missing or is not what the stage ``accept`` writes.
    """
    return read_json(path, Acceptance, "run `dvc repro`")
