"""Run the bundle's test frames on the attached board and compare with the host, number by number.

Run as ``python -m tinyinspect.device.device_check [--port /dev/ttyACM0]``.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from tinyinspect.device.board_link import BoardLink, find_port
from tinyinspect.device.bundle import CHECK, FIRMWARE, SETTINGS
from tinyinspect.errors import InputError, reported

SECONDS = 60.0  # for loading the model and all frames
SCRIPT = "check.py"


@dataclass(frozen=True)
class Difference:
    """A frame whose outputs on the board are not the host's.

    Attributes:
        name: of the frame.
        board: int8 outputs, one a class.
        host: the same from the host.
    """

    name: str
    board: list[int]
    host: list[int]


def compare(bundle: Path, link: BoardLink) -> list[Difference]:
    """Run the check on the board.

    Returns:
        The frames that differ; none where the board does what the host says.

    Raises:
        InputError: The bundle is missing, the firmware is out of range, the board holds another bundle or fails.
    """
    try:
        expected = json.loads((bundle / CHECK / "expected.json").read_text())
        settings = json.loads((bundle / SETTINGS).read_text())
        script = (bundle / SCRIPT).read_text()
    except (OSError, ValueError) as error:
        raise InputError(f"{bundle} is no complete bundle ({error}); run `make repro` first") from None
    require_firmware(link.firmware)
    link.start(script)
    printed = link.wait_for_end(SECONDS).splitlines()
    if f"model {settings['classifier']['sha256']}" not in printed:
        raise InputError("the board holds another model than the bundle; run `make deploy` first")
    outputs = dict(_line(line) for line in printed if line.split(" ")[0] in expected)
    missing = sorted(set(expected) - set(outputs))
    if missing:
        raise InputError(f"the board gave no outputs for {', '.join(missing)}; run `make deploy`, then try again")
    return [Difference(name, outputs[name], host) for name, host in expected.items() if outputs[name] != host]


def require_firmware(version: tuple[int, ...]) -> None:
    """Refuse a firmware that the program was not written for."""
    oldest, newest = (tuple(int(part) for part in one.split(".")) for one in FIRMWARE)
    if not oldest <= version <= newest:
        found, known = ".".join(str(part) for part in version), " to ".join(FIRMWARE)
        raise InputError(f"the board has firmware {found}, the program needs {known}; install one of these")


def _line(line: str) -> tuple[str, list[int]]:
    name, *numbers = line.split()
    try:
        return name, [int(number) for number in numbers]
    except ValueError:
        raise InputError(f"the board printed '{line}' instead of outputs; reset it and try again") from None


def main() -> None:
    """Check the attached board; exit status 1 where it differs."""
    parser = argparse.ArgumentParser(description="Compare the model on the board with the host.")
    parser.add_argument("--bundle", type=Path, default=Path("models/openmv"))
    parser.add_argument("--port", help="serial port; found by itself where one camera is connected")
    given = parser.parse_args()
    with reported():
        with BoardLink(given.port or find_port()) as link:
            differences = compare(given.bundle, link)
        for one in differences:
            print(f"{one.name}: board {one.board}, host {one.host}")
        if differences:
            raise InputError(f"{len(differences)} frames differ between board and host; report board and firmware")
    print("every frame's outputs on the board equal the host's")


if __name__ == "__main__":
    main()
