"""Run the bundle's test frames on the attached board and compare with the host, number by number."""

from dataclasses import dataclass
from pathlib import Path

from tinyinspect.deployment.board_link import BoardLink
from tinyinspect.deployment.bundle import EXPECTED, EXPECTED_OUTPUTS, FIRMWARE
from tinyinspect.deployment.manifest import read_files
from tinyinspect.deployment.settings import SETTINGS, Settings
from tinyinspect.errors import InputError
from tinyinspect.files import typed

SECONDS = 120.0  # for loading the models and all frames
SCRIPT = "check.py"


@dataclass(frozen=True)
class Difference:
    """A frame whose outputs on the board are not the host's.

    Attributes:
        name: of the frame.
        board: int8 outputs of its model.
        host: the same from the host.
    """

    name: str
    board: list[int]
    host: list[int]

    def __str__(self) -> str:
        """What differs, in a line however many outputs there are."""
        if len(self.board) != len(self.host):
            return f"{self.name}: {len(self.board)} outputs on the board, {len(self.host)} on the host"
        differing = [(number, *pair) for number, pair in enumerate(zip(self.board, self.host, strict=True))]
        differing = [(number, board, host) for number, board, host in differing if board != host]
        number, board, host = differing[0]
        first = f"output {number} is {board} on the board, {host} on the host"
        return f"{self.name}: {len(differing)} of {len(self.host)} outputs differ; {first}"


def compare(bundle: Path, link: BoardLink) -> list[Difference]:
    """Run the check on the board.

    Returns:
        The frames that differ; none where the board does what the host says.

    Raises:
        InputError: The bundle is missing, the firmware is out of range, the board holds another bundle or fails.
    """
    expected, hashes, script = _read(bundle)
    require_firmware(link.firmware)
    link.start(script)
    printed = link.wait_for_end(SECONDS).splitlines()
    for model, sha256 in hashes.items():
        if f"{model} {sha256}" not in printed:
            raise InputError(f"the board holds another {model} than the bundle; run `make deploy` first")
    outputs = _outputs(printed, set(expected))
    missing = sorted(set(expected) - set(outputs))
    if missing:
        raise InputError(f"the board gave no outputs for {', '.join(missing)}; run `make deploy`, then try again")
    return [Difference(name, outputs[name], host) for name, host in expected.items() if outputs[name] != host]


def _read(bundle: Path) -> tuple[dict[str, list[int]], dict[str, str | None], str]:
    """Expected outputs by frame, SHA-256 by model, and the script of a bundle."""
    try:
        files = {file.name: file.content for file in read_files(bundle)}
        models, settings, script = (
            EXPECTED_OUTPUTS.validate_json(files[EXPECTED]),
            typed(files[SETTINGS], Settings, str(bundle / SETTINGS), "run `make repro` first"),
            files[SCRIPT].decode(),
        )
        hashes = {section.model: section.sha256 for section in settings.models.values()}
        expected = {name: outputs for model in hashes for name, outputs in models[model].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        words = " ".join(str(error).split())
        raise InputError(f"{bundle} is no complete bundle ({words}); run `make repro` first") from None
    return expected, hashes, script


def require_firmware(version: tuple[int, ...]) -> None:
    """Refuse a firmware that the program was not written for."""
    oldest, newest = (tuple(int(part) for part in one.split(".")) for one in FIRMWARE)
    if not oldest <= version <= newest:
        found, known = ".".join(str(part) for part in version), " to ".join(FIRMWARE)
        raise InputError(f"the board has firmware {found}, the program needs {known}; install one of these")


def _outputs(printed: list[str], frames: set[str]) -> dict[str, list[int]]:
    """Outputs by frame; a frame's may stand in several lines."""
    outputs: dict[str, list[int]] = {}
    for line in printed:
        name, *numbers = line.split(" ")
        if name in frames:
            outputs.setdefault(name, []).extend(_numbers(line, numbers))
    return outputs


def _numbers(line: str, words: list[str]) -> list[int]:
    try:
        return [int(word) for word in words]
    except ValueError:
        raise InputError(f"the board printed '{line}' instead of outputs; reset it and try again") from None
