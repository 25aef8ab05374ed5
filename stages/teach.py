"""What the teacher sees in the frames that train, where some of them have no label; by that, `train` gives them one."""

from pathlib import Path

from tinyinspect.config.data import Data
from tinyinspect.config.device import Device
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.config.teacher import Teacher, TeacherSource
from tinyinspect.errors import reported
from tinyinspect.learning.features import FEATURES, NO_FEATURES, Features
from tinyinspect.selection.labelled import VALIDATION, frames_folder, read_labelled, read_unlabelled

DATASET = Path("dataset")


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    data: Data
    teacher: Teacher
    train: Device


def main() -> None:
    """Read ``dataset/``, write ``models/teacher_features.npz``."""
    params, unlabelled = load(Path("params.yaml"), Inputs), read_unlabelled(DATASET)
    if params.teacher.source is TeacherSource.NONE or not len(unlabelled):
        NO_FEATURES.write(FEATURES)
        print("nothing to teach: " + ("no frame without a label may train" if not len(unlabelled) else "no teacher"))
        return
    from tinyinspect.learning.devices import device_of  # here: with nothing to teach, PyTorch need not load
    from tinyinspect.models.teacher import embed, load_teacher

    folders = [frames_folder(DATASET, split) for split in ("train", VALIDATION)]
    labelled = read_labelled(folders, params.data.classes)
    teacher = load_teacher(params.teacher)
    values = embed(teacher, [*labelled.pictures, *unlabelled.pictures], device_of(params.train.device))
    Features([*labelled.names, *unlabelled.names], values, len(labelled)).write(FEATURES)
    print(f"{teacher.name} has seen {len(labelled)} labelled frames and {len(unlabelled)} without a label")


if __name__ == "__main__":
    with reported():
        main()
