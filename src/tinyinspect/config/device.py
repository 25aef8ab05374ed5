"""Where networks are trained: the one parameter of the section ``train`` that some stages read."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Device(BaseModel):
    """``train.device``; the rest of the section is left to the stage that trains."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    device: Literal["auto", "cpu", "cuda"]
