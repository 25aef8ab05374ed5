"""How a number becomes an answer: the nearest class's."""

from pathlib import Path

from pydantic import BaseModel

from tinyinspect.files import read_json


class Nearest(BaseModel):
    """The numbers of the classes."""

    covered: list[float]


def read(path: Path) -> Nearest:
    """Read ``models/decision.json``."""
    return read_json(path, Nearest, "run `dvc repro decide`")
