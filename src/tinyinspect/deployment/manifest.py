"""A bundle's manifest, and the files that it lists: read as what they are, somebody's, who may mean harm.

A file is taken only under a plain name, at most one folder deep, and with the size and the SHA-256 that the manifest
gives. Whatever else lies in the bundle's folder is never read.
"""

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, NonNegativeInt, ValidationError

from tinyinspect.device.compiler import Compiler
from tinyinspect.device.storage import Storage
from tinyinspect.errors import InputError

MANIFEST = "manifest.json"
LARGEST_BYTES = 1 << 20  # of a manifest; ours have 3 kB
# Letters, digits and what stands between them, for every file system and for the camera; no dot in front or at the end.
_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9_ .-]*[A-Za-z0-9_-])?"
PlainName = Annotated[str, Field(pattern=rf"^(?:{_PART}/)?{_PART}$", max_length=100)]


class Entry(BaseModel):
    """What the manifest says of a file."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: NonNegativeInt


class Firmware(BaseModel):
    """Versions of OpenMV's firmware."""

    oldest: str = Field(description="That the program runs on")
    newest: str = Field(description="That the program runs on")
    verified: str = Field(description="For which the model was verified")


class Times(BaseModel):
    """How long one frame takes, as the host estimates it."""

    milliseconds: float
    frames_per_second: float


class Expected(Times):
    """The time of a bundle with one model."""

    assumes: str = Field(description="What the time is of, in words")


class ExpectedOfTwo(BaseModel):
    """The times of a bundle in which one model looks first."""

    refused: Times = Field(description="Of a picture that the first model does not let pass")
    accepted: Times = Field(description="Of one that the second model judges too")
    assumes: str = Field(description="What the times are of, in words")


class Facts(BaseModel):
    """What a manifest says beside its files."""

    board: str = Field(description="Name in conf/board")
    firmware: Firmware
    expected: Expected | ExpectedOfTwo | None = Field(description="null where no time is known")
    compiler: Compiler | None = Field(description="Makes the file that the board runs of the int8 file, if any")
    storage: dict[str, Storage] = Field(default={}, description="Where each of two models is kept, by its file's name")
    refused: list[str] = Field(default=[], description="Why the stage `accept` refuses the model")


class Manifest(Facts):
    """The content of ``manifest.json``."""

    files: Annotated[dict[PlainName, Entry], Field(min_length=1, max_length=1000)]


@dataclass(frozen=True)
class File:
    """A file of a bundle.

    Attributes:
        name: path within the bundle.
        content: its bytes.
        sha256: in hexadecimal.
    """

    name: str
    content: bytes
    sha256: str


def read_manifest(folder: Path) -> Manifest:
    """Read a bundle's manifest.

    Raises:
        InputError: It is missing, or is no manifest that can be trusted to name nothing but its bundle's files.
    """
    path = folder / MANIFEST
    try:
        manifest = Manifest.model_validate_json(_content(folder, MANIFEST, LARGEST_BYTES))
    except ValidationError as error:
        first = error.errors()[0]
        place = " ".join(repr(part) for part in first["loc"] if part != "[key]") or "its start"
        plain = "no plain name" if "[key]" in first["loc"] else first["msg"]
        raise InputError(f"{path} is no manifest ({place}: {plain}); run `make repro` again") from None
    _require_one_file_a_name(path, manifest)
    return manifest


def read_files(folder: Path) -> list[File]:
    """Read and check the files that a bundle's manifest lists.

    Raises:
        InputError: The bundle is missing, incomplete or changed, or its manifest is none.
    """
    return [_read(folder, name, entry) for name, entry in read_manifest(folder).files.items()]


def _read(folder: Path, name: str, entry: Entry) -> File:
    content = _content(folder, name, entry.bytes)
    if len(content) != entry.bytes or hashlib.sha256(content).hexdigest() != entry.sha256:
        raise InputError(f"{folder / name} is not what the manifest says; run `make repro` again")
    return File(name, content, entry.sha256)


def _content(folder: Path, name: str, most: int) -> bytes:
    """At most one byte more than ``most`` of a file in a bundle, which neither is a link nor lies behind one."""
    path = folder / name
    try:
        if (folder / name).resolve() != folder.resolve() / name:
            raise InputError(f"{path} is a link; a bundle holds its files themselves")
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path} is no file; run `make repro` again")
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise InputError(
            f"{path} is missing from the bundle ({error.strerror}); run `make repro` first, or name another folder"
        ) from None


def _require_one_file_a_name(path: Path, manifest: Manifest) -> None:
    """The camera's file system takes capital and small letters for the same."""
    seen: dict[str, str] = {}
    for name in manifest.files:
        if (other := seen.setdefault(name.lower(), name)) != name:
            raise InputError(f"{path} names both {other} and {name}, one file to the camera; run `make repro` again")
