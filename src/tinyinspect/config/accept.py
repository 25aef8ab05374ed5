"""Limits that the last stage holds a model to."""

from pydantic import Field

from tinyinspect.config.section import Section


class Accept(Section):
    """What the stage ``accept`` refuses a model for, besides a board that it does not run on."""

    beat_constant: bool = Field(description="Refuse a model that is no better than always giving the same answer")
