"""Stage ``compile``: the int8 model for the board's neural processor, where the parameters name one."""

from pathlib import Path

from tinyinspect.config.accelerator import Accelerator
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.device.compiled import write_compiled
from tinyinspect.errors import reported
from tinyinspect.files import complete_folder


class Inputs(Section):
    """The section of ``params.yaml`` that this stage reads."""

    accelerator: Accelerator


def main() -> None:
    """Read ``models/model_int8.tflite``, fill ``models/compiled``: empty but for a report where nothing compiles."""
    accelerator = load(Path("params.yaml"), Inputs).accelerator
    with complete_folder(Path("models/compiled")) as folder:
        made = write_compiled(Path("models/model_int8.tflite"), accelerator, folder)
    print(f"{accelerator.name}: {made.summary}")


if __name__ == "__main__":
    with reported():
        main()
