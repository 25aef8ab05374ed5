"""The whole of ``params.yaml``."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from tinyinspect.config.accelerator import Accelerator
from tinyinspect.config.app import App
from tinyinspect.config.board import Board
from tinyinspect.config.convert import Convert
from tinyinspect.config.data import Data
from tinyinspect.config.extract import Extract
from tinyinspect.config.gate import Gate
from tinyinspect.config.metric import Metric
from tinyinspect.config.model import Model, ResNet9Settings
from tinyinspect.config.pretrain import Pretrain
from tinyinspect.config.quantize import Quantize
from tinyinspect.config.section import Section
from tinyinspect.config.select import Select
from tinyinspect.config.train import Train


class Params(Section):
    """The whole of ``params.yaml``."""

    seed: Annotated[int, Field(ge=0)]
    data: Data
    extract: Extract
    pretrain: Pretrain
    select: Select
    model: Model
    gate: Gate
    metric: Metric
    train: Train
    convert: Convert
    quantize: Quantize
    board: Board
    accelerator: Accelerator
    app: App

    @model_validator(mode="after")
    def _has_classes_to_tell_apart(self) -> Self:
        if isinstance(self.model, ResNet9Settings) and len(self.data.classes) < 2:
            raise ValueError("data.classes names one class, and a classifier tells at least two apart; add another")
        return self
