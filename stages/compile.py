"""Stage ``compile``: the int8 model for the board's neural processor, where the parameters name one."""

from pathlib import Path

from tinyinspect.config.accelerator import Accelerator
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.device.vela import write_compiled
from tinyinspect.errors import reported
from tinyinspect.files import complete_folder


class Inputs(Section):
    """The section of ``params.yaml`` that this stage reads."""

    accelerator: Accelerator


def main() -> None:
    """Read ``models/model_int8.tflite``, fill ``models/compiled``: empty but for a report where nothing compiles."""
    accelerator = load(Path("params.yaml"), Inputs).accelerator
    with complete_folder(Path("models/compiled")) as folder:
        compiled = write_compiled(Path("models/model_int8.tflite"), accelerator, folder)
    if compiled is None:
        print("nothing to compile: the int8 file stays as it is")
        return
    on_npu, on_core = compiled.report.npu_operators, len(compiled.cpu_operators)
    print(f"{accelerator.name}: {on_npu} operators on the NPU, {on_core} on the core")


if __name__ == "__main__":
    with reported():
        main()
