"""``tinyinspect deploy``: copy a bundle to the camera."""

from pathlib import Path
from typing import Annotated

import typer


def deploy(
    drive: Annotated[Path | None, typer.Option(help="folder where the camera's drive is mounted")] = None,
    port: Annotated[str | None, typer.Option(help="serial port of a camera, instead of its drive")] = None,
    bundle: Annotated[Path | None, typer.Option(help="default: models/openmv of this project")] = None,
) -> None:
    """Copy this project's bundle to a camera, checked file by file.

    Example: tinyinspect deploy --drive /media/you/OPENMV
    """
    from tinyinspect.deployment.board_link import BoardLink
    from tinyinspect.deployment.deploy import deploy_over_link, deploy_to_drive
    from tinyinspect.deployment.manifest import read_manifest
    from tinyinspect.errors import InputError
    from tinyinspect.project.root import nearest

    if (drive is None) == (port is None):
        raise InputError(
            "no camera is named, or two are; name one by its drive (--drive, DRIVE=) or its serial port (--port, PORT=)"
        )
    bundle = bundle or nearest() / "models/openmv"
    if refused := read_manifest(bundle).refused:
        typer.echo(f"warning: the stage accept refused this model: {'; and '.join(refused)}", err=True)
    if drive is not None:
        notes = deploy_to_drive(bundle, drive)
    elif port is not None:
        with BoardLink(port) as link:
            notes = deploy_over_link(bundle, link)
    print(*notes, sep="\n")
