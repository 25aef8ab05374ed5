"""The section ``model`` of three convolutions."""

from typing import Literal

from pydantic import PositiveInt

from tinyinspect.config.section import ModelSettings


class Model(ModelSettings):
    """Three strided convolutions and a pooling."""

    architecture: Literal["plain"]
    channels: PositiveInt
