"""The names of the tools that labels go to and come from."""

from enum import StrEnum


class Tool(StrEnum):
    """Where labels go to."""

    LABEL_STUDIO = "label-studio"
    LIGHTLY_STUDIO = "lightly-studio"
    COCO = "coco"


class Source(StrEnum):
    """Where labels come from."""

    CSV = "csv"
    LABEL_STUDIO = "label-studio"
    LIGHTLY_STUDIO = "lightly-studio"
    COCO = "coco"
