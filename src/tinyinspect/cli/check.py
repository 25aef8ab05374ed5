"""``tinyinspect check``: does a .tflite file run on a camera, what does it see there, and what does it cost?"""

from pathlib import Path
from typing import Annotated

import typer


def check(
    model: Annotated[Path, typer.Argument(help="a .tflite file, of any origin")],
    board: Annotated[
        str | None, typer.Option(help="a name in conf/board; the default is the one in params.yaml")
    ] = None,
    all_boards: Annotated[bool, typer.Option("--all", help="a table of every board")] = False,
    firmware: Annotated[str | None, typer.Option(help="4.5.6 to 5.0.0; the default is each board's own")] = None,
    own: Annotated[bool, typer.Option(help="made by this project: other pixels than 0 to 1 are an error")] = False,
) -> None:
    """Say whether a model loads on a camera, what it sees there and what it costs.

    The status is 1 where the firmware refuses the model.
    """
    from tinyinspect.config.loading import load
    from tinyinspect.config.params import Params
    from tinyinspect.device.boards import firmware_of, read_board, read_boards
    from tinyinspect.device.check import check_file
    from tinyinspect.device.verdict import FOREIGN, OWN
    from tinyinspect.device.verdict_text import boards_table, verdict_text
    from tinyinspect.errors import InputError
    from tinyinspect.project.root import nearest

    root = nearest()
    boards, accelerators = root / "conf/board", root / "conf/accelerator"

    if all_boards and board:
        raise InputError("--all and --board exclude each other; give one of them")
    known = list(read_boards(boards).values())
    if firmware:
        firmware_of(firmware)
        known = [one.model_copy(update={"firmware": firmware}) for one in known]
    name = board or ("" if all_boards else load(root / "params.yaml", Params).board.name)
    asked = known if all_boards else [one for one in known if one.name == read_board(boards, name).name]
    verdicts = list(check_file(model, asked, known, accelerators, OWN if own else FOREIGN))
    if all_boards:
        print(boards_table(verdicts))
        return
    print(verdict_text(verdicts[0]))
    verdicts[0].insist()
