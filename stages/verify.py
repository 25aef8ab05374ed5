"""The verdict on the int8 model: does it load and run on the chosen board, and at what cost."""

from pathlib import Path

from tinyinspect.config.accelerator import Accelerator
from tinyinspect.config.board import Board
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.device.boards import read_boards
from tinyinspect.device.compiled import read_compiled
from tinyinspect.device.device_file import DEVICE
from tinyinspect.device.verdict import OWN, examine, judge
from tinyinspect.device.verdict_text import verdict_text, write_layer_costs
from tinyinspect.errors import reported
from tinyinspect.files import write_json
from tinyinspect.report.layer_cost import plot_layer_cost

MODEL = Path("models/model_int8.tflite")


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    board: Board
    accelerator: Accelerator


def main() -> None:
    """Read the model and ``models/compiled``, write ``device.json`` and ``plots/layer_cost.*``."""
    params = load(Path("params.yaml"), Inputs)
    verdict = judge(
        examine(MODEL),
        params.board,
        read_boards(Path("conf/board")).values(),
        origin=OWN,
        made=read_compiled(Path("models/compiled")),
        accelerator=params.accelerator,
    )
    write_json(verdict.as_file(), DEVICE)
    write_layer_costs(verdict.cost, Path("plots/layer_cost.csv"))
    plot_layer_cost(verdict.cost, params.board, Path("plots/layer_cost.png"))
    print(verdict_text(verdict))


if __name__ == "__main__":
    with reported():
        main()
