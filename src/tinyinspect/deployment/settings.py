"""``settings.json``: what the camera's program reads, as one typed file.

A bundle has a section for each of its models, by the name of what the program runs; a task adds its own fields there.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

SETTINGS = "settings.json"
Leds = list[str]  # that are on together, as the firmware names them


class ModelSection(BaseModel):
    """What the program needs of one model; a task's own fields come on top."""

    model_config = ConfigDict(extra="allow", frozen=True)

    model: str = Field(description="Name of the file on the drive")
    sha256: str | None = Field(description="Of this file; null where OpenMV IDE makes another file of it")
    input_size: int = Field(description="Side of the model's input, pixels")
    debounce_frames: int = Field(description="Frames in a row that must agree before an answer is shown")


class Camera(BaseModel):
    """How frames are taken."""

    model_config = ConfigDict(frozen=True)

    frame_size: str = Field(description="As the firmware names it")
    window: Annotated[list[int], Field(min_length=2, max_length=2)] = Field(description="Width and height, pixels")
    max_dropped_frames: int = Field(description="In a row, before the program stops with an error")


class Clip(BaseModel):
    """How recordings are written."""

    model_config = ConfigDict(frozen=True)

    jpeg_quality: int
    sync_frames: int = Field(description="Frames after which the file is written through to the card")
    spare_kb: int = Field(description="Room to leave on the card")


class Record(BaseModel):
    """What ``record.py`` does."""

    model_config = ConfigDict(frozen=True)

    seconds: int = Field(description="Length of a recording")


class Collect(BaseModel):
    """What ``collect.py`` does; each task adds from which score on a frame is no longer one to collect."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, float] = Field(init=False)

    frames: int = Field(description="After which it ends")
    interval_ms: int = Field(description="Between two frames that are saved")
    leds: Leds = Field(description="On while a frame is saved")


class Settings(BaseModel):
    """The content of ``settings.json``."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, ModelSection] = Field(init=False)

    program: str = Field(description="What `main.py` runs")
    firmware: Annotated[list[str], Field(min_length=2, max_length=2)] = Field(description="Oldest and newest version")
    lights: Leds = Field(description="All LEDs")
    camera: Camera
    clip: Clip
    record: Record
    collect: Collect

    @property
    def models(self) -> dict[str, ModelSection]:
        """The section of each model, by its name."""
        return self.__pydantic_extra__
