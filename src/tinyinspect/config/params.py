"""The whole of ``params.yaml``."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from tinyinspect import registry
from tinyinspect.config.accelerator import Accelerator, AcceleratorName
from tinyinspect.config.accept import Accept
from tinyinspect.config.app import App
from tinyinspect.config.board import Board
from tinyinspect.config.convert import Convert
from tinyinspect.config.data import Data
from tinyinspect.config.execution import Execution
from tinyinspect.config.extract import Extract
from tinyinspect.config.pretrain import Pretrain, SslMethod
from tinyinspect.config.quantize import Quantize
from tinyinspect.config.section import DecideSettings, LossSettings, ModelSettings, Section, TaskSettings
from tinyinspect.config.select import Select
from tinyinspect.config.teacher import Teacher, TeacherSource
from tinyinspect.config.train import Train


class Params(Section):
    """The whole of ``params.yaml``."""

    seed: Annotated[
        int, Field(ge=0, description="Start of everything that is drawn at random: the same seed gives the same result")
    ]
    data: Data
    execution: Execution
    extract: Extract
    pretrain: Pretrain
    select: Select
    teacher: Teacher
    model: ModelSettings
    task: TaskSettings
    loss: LossSettings
    train: Train
    convert: Convert
    quantize: Quantize
    decide: DecideSettings
    board: Board
    accelerator: Accelerator
    app: App
    accept: Accept

    @model_validator(mode="after")
    def _has_a_teacher_to_learn_from(self) -> Self:
        learns = self.pretrain.method is SslMethod.DISTILL and self.pretrain.epochs
        if learns and self.teacher.source is TeacherSource.NONE:
            raise ValueError(
                "pretrain.method is distill and teacher.source is none; set teacher=packaged or pretrain=simclr"
            )
        return self

    @model_validator(mode="after")
    def _suits_its_board(self) -> Self:
        name, board = self.accelerator.name, self.board
        if name is not AcceleratorName.NONE and name.value != board.npu:
            has = f"has {board.npu}" if board.npu else "has no neural processor"
            raise ValueError(f"accelerator is {name} and {board.name} {has}; set accelerator={board.npu or 'none'}")
        return self

    @model_validator(mode="after")
    def _suits_its_task(self) -> Self:
        registry.task_part(self.task.name, "settings").check(self)
        return self
