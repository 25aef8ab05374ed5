"""What others make of the same frames: a linear classifier on the features of a network pretrained on ImageNet."""

from pathlib import Path

from tinyinspect.config.data import Data
from tinyinspect.config.device import Device
from tinyinspect.config.loading import load
from tinyinspect.config.section import ModelSettings, Section, TaskSettings
from tinyinspect.config.teacher import Teacher, TeacherSource
from tinyinspect.errors import reported
from tinyinspect.evaluation.baselines import BASELINES, Baselines
from tinyinspect.files import write_json
from tinyinspect.registry import task_part


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    data: Data
    model: ModelSettings
    task: TaskSettings
    teacher: Teacher
    train: Device


def main() -> None:
    """Read ``dataset/``, write ``baselines.json``."""
    params = load(Path("params.yaml"), Inputs)
    if params.teacher.source is TeacherSource.NONE:
        write_json(Baselines(teacher=None, measures={}), BASELINES)
        print("there is no teacher to compare with (teacher=none)")
        return
    from tinyinspect.learning.devices import device_of  # here: without a teacher, PyTorch need not load
    from tinyinspect.models.teacher import embed, load_teacher

    teacher, device = load_teacher(params.teacher), device_of(params.train.device)
    measures = task_part(params.task.name, "baselines").of_teacher(
        Path("dataset"),
        lambda pictures: embed(teacher, pictures, device),
        classes=params.data.classes,
        task=params.task,
        input_size=params.model.input_size,
    )
    write_json(Baselines(teacher=teacher.name, measures=measures), BASELINES)
    print(f"measured {len(measures)} baselines on features of {teacher.name}")


if __name__ == "__main__":
    with reported():
        main()
