"""``tinyinspect device-check``: does the attached board compute what the host computes?"""

from pathlib import Path
from typing import Annotated

import typer


def device_check(
    port: Annotated[str | None, typer.Option(help="serial port; found by itself where one camera is connected")] = None,
    bundle: Annotated[Path | None, typer.Option(help="default: models/openmv of this project")] = None,
) -> None:
    """Run the bundle's test frames on the attached board and compare every output with the host's.

    The status is 1 where one differs. Example: tinyinspect device-check --port /dev/ttyACM0
    """
    from tinyinspect.deployment.board_link import BoardLink, find_port
    from tinyinspect.deployment.device_check import compare
    from tinyinspect.errors import InputError
    from tinyinspect.project.root import nearest

    bundle = bundle or nearest() / "models/openmv"
    with BoardLink(port or find_port()) as link:
        differences = compare(bundle, link)
    if differences:
        print(*differences, sep="\n")
        raise InputError(f"{len(differences)} frames differ between board and host; report board and firmware")
    print("every frame's outputs on the board equal the host's")
