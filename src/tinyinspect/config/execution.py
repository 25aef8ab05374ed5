"""Where the stages `extract` and `embed` run."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from tinyinspect.config.section import Section


class Engine(StrEnum):
    """What runs a stage's tasks."""

    LOCAL = "local"
    RAY = "ray"


class Execution(Section):
    """Where the stages `extract` and `embed` run; their results are the same."""

    engine: Engine = Field(
        description="local (threads of one process) or ray (tasks on the machines of a Ray cluster), for `extract` and "
        "`embed`"
    )
    address: str | None = Field(
        description="With engine=ray: the cluster's address, as host:port or ray://host:port; auto finds the one that "
        "this machine belongs to; null starts one on this machine"
    )
    cores: PositiveInt = Field(description="With engine=ray: cores that a recording or an encoder takes")
    gpus: NonNegativeFloat = Field(description="With engine=ray: GPUs that an encoder takes; half a GPU is 0.5")
    minutes: PositiveFloat = Field(
        description="With engine=ray: minutes of a recording that a task reads; longer ones are cut at key frames"
    )
    retries: Annotated[int, Field(ge=0)] = Field(
        description="With engine=ray: how often a task is run again after its worker died"
    )

    @model_validator(mode="after")
    def _address_is_of_a_cluster(self) -> Self:
        if self.address is not None and self.engine is Engine.LOCAL:
            raise ValueError("execution.address has no effect with the engine local; set execution to ray")
        return self
