"""Whether the parameters agree with each other: a board with its accelerator, a loss with its task."""

from pathlib import Path

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.errors import reported


def main() -> None:
    """Read the whole of ``params.yaml``; a stage reads only its own sections, and may come late."""
    params = load(Path("params.yaml"), Params)
    print(f"{params.task.name} {params.model.architecture} for {params.board.name}")


if __name__ == "__main__":
    with reported():
        main()
