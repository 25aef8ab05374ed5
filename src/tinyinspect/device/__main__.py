"""Say of a model file whether it runs on a camera: ``python -m tinyinspect.device MODEL.tflite [--board NAME|--all]``.

Ends with status 1 where the model does not fit the board asked for.
"""

import argparse
from pathlib import Path

from tinyinspect.config.board import Board
from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.device.boards import firmware_of, read_board, read_boards
from tinyinspect.device.verdict import boards_table, verdict_text, verify
from tinyinspect.errors import reported

_BOARDS = Path("conf/board")


def main() -> None:
    """Print the verdict for one board, or the table for all."""
    asked = _arguments()
    with reported():
        boards = [_with_firmware(board, asked.firmware) for board in read_boards(_BOARDS).values()]
        if asked.all:
            print(boards_table(verify(asked.model, board, boards) for board in boards))
            return
        board = read_board(_BOARDS, asked.board) if asked.board else load(Path("params.yaml"), Params).board
        verdict = verify(asked.model, _with_firmware(board, asked.firmware), boards)
        print(verdict_text(verdict))
        verdict.insist()


def _with_firmware(board: Board, firmware: str | None) -> Board:
    if firmware is None:
        return board
    firmware_of(firmware)
    return board.model_copy(update={"firmware": firmware})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tinyinspect.device", description="Does this model run on a camera?"
    )
    parser.add_argument("model", type=Path, help="an int8 .tflite file")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--board", help="a name in conf/board/; without it, the board of params.yaml")
    which.add_argument("--all", action="store_true", help="a table of every board")
    parser.add_argument("--firmware", help="4.5.6 to 5.0.0; without it, each board's own")
    return parser.parse_args()


if __name__ == "__main__":
    main()
