"""The verdict on the int8 model: does it load and run on the chosen board, and at what cost."""

from pathlib import Path

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.device.boards import read_boards
from tinyinspect.device.verdict import verdict_text, verify, write_layer_costs, write_verdict
from tinyinspect.errors import reported
from tinyinspect.report.layer_cost import plot_layer_cost


def main() -> None:
    """Read ``models/model_int8.tflite``, write ``device.json`` and ``plots/layer_cost.*``; refuse a misfit."""
    board = load(Path("params.yaml"), Params).board
    verdict = verify(Path("models/model_int8.tflite"), board, read_boards(Path("conf/board")).values())
    # Written before a misfit fails the stage: DVC leaves the files, so the verdict can be read.
    write_verdict(verdict, Path("device.json"))
    write_layer_costs(verdict.cost, Path("plots/layer_cost.csv"))
    plot_layer_cost(verdict.cost, board, Path("plots/layer_cost.png"))
    print(verdict_text(verdict))
    verdict.insist()


if __name__ == "__main__":
    with reported():
        main()
