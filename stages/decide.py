"""How outputs become answers on the camera, chosen on pictures that were not trained on."""

from pathlib import Path

from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import DecideSettings, Section, TaskSettings
from tinyinspect.errors import reported
from tinyinspect.files import write_json
from tinyinspect.registry import task_part


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    data: Data
    task: TaskSettings
    decide: DecideSettings


def main() -> None:
    """Read ``models/`` and ``dataset/``; write ``models/decision.json``."""
    params = load(Path("params.yaml"), Inputs)
    decision, sentence = task_part(params.task.name, "deciding").decide(
        Path("models"), Path("dataset"), classes=params.data.classes, task=params.task, decide=params.decide
    )
    write_json(decision, Path("models/decision.json"))
    print(sentence)


if __name__ == "__main__":
    with reported():
        main()
