"""Copy the bundle to the camera, checked file by file.

    tinyinspect deploy --drive /media/you/OPENMV    over USB storage
    tinyinspect deploy --port /dev/ttyACM0          over the serial protocol

A file gets its final name only when all of it is there and reads back right. The frames to check are left out where
the drive has no room for them.
"""

import errno
import hashlib
import os
import shutil
from pathlib import Path

from tinyinspect.deployment.board_link import BoardLink
from tinyinspect.deployment.bundle import CHECK, MAIN, README, RECEIVER, SHARED
from tinyinspect.deployment.manifest import File, read_files
from tinyinspect.errors import InputError

MARK = ".openmv_disk"  # the firmware makes it on the drive it starts from
PART = ".part"
CLUSTER = 4096  # bytes; what a file takes on the drive is a multiple
CHANNEL = "tinyinspect"  # that receive.py registers
FILE_S = 60.0  # to store one file


def read_bundle(folder: Path) -> list[File]:
    """Read and check what goes to the camera: what runs, with ``main.py`` last, then the frames to check.

    Raises:
        InputError: The bundle is missing, incomplete or changed.
    """
    return sorted((file for file in read_files(folder) if file.name not in {README, RECEIVER}), key=_turn)


def _turn(file: File) -> tuple[bool, bool, str]:
    return is_check(file), file.name == MAIN, file.name


def is_check(file: File) -> bool:
    """Whether the program runs without it."""
    return file.name.startswith(f"{CHECK}/")


def deploy_to_drive(bundle: Path, drive: Path) -> list[str]:
    """Copy the bundle to a camera's mounted drive.

    Returns:
        Sentences for the user.

    Raises:
        InputError: The drive is missing, no camera's, full, vanishes or does not read back what was written.
    """
    files = read_bundle(bundle)
    _require_camera(drive)
    required = [file for file in files if not is_check(file)]
    free = _free(drive)
    if _needed(required, drive) > free:
        raise InputError(
            f"{drive} has {free // 1024} kB free and the program needs {_needed(required, drive) // 1024} kB; remove "
            "files, or put an SD card into the camera"
        )
    room = _needed(files, drive) <= free
    copied = files if room else required
    for file in copied:
        _copy(file, drive)
    notes = [f"{len(copied)} files copied to {drive} and read back; eject it, then reset the camera"]
    if not room:
        notes.append(f"no room for {CHECK}/: `make device-check` needs an SD card in the camera")
    return notes


def _require_camera(drive: Path) -> None:
    if not drive.is_dir():
        raise InputError(f"{drive} is not there; connect the camera by USB, wait for its drive and give its folder")
    if not (drive / MARK).exists():
        raise InputError(
            f"{drive} is no camera's drive, it has no {MARK}; give the right one, or reset the camera, which makes it"
        )


def _free(drive: Path) -> int:
    try:
        return shutil.disk_usage(drive).free
    except OSError as error:
        raise InputError(f"{drive} cannot be read ({error.strerror}); connect the camera again") from None


def _clusters(size: int) -> int:
    return -(-size // CLUSTER) * CLUSTER


def _needed(files: list[File], drive: Path) -> int:
    """Bytes that must be free for all of these to be there, those they replace taken into account."""
    return sum(_clusters(len(file.content)) - _replaced(drive / file.name) for file in files)


def _replaced(path: Path) -> int:
    return _clusters(path.stat().st_size) if path.is_file() else 0


def _copy(file: File, drive: Path) -> None:
    target = drive / file.name
    part = target.with_name(target.name + PART)
    try:
        target.parent.mkdir(exist_ok=True)
        if _clusters(len(file.content)) > _free(drive):
            target.unlink(missing_ok=True)  # a small drive holds no two models: the old one goes first
        with part.open("wb") as stream:
            stream.write(file.content)
            stream.flush()
            os.fsync(stream.fileno())
            _forget_cache(stream.fileno())
        if hashlib.sha256(part.read_bytes()).hexdigest() != file.sha256:
            raise InputError(f"{target} does not read back what was written; check the drive for errors or format it")
        part.replace(target)
    except OSError as error:
        full = error.errno == errno.ENOSPC
        advice = "remove files, or put an SD card into the camera" if full else "connect the camera again"
        raise InputError(f"{target} cannot be written ({error.strerror}); {advice}") from None
    finally:
        _discard(part)


def _forget_cache(descriptor: int) -> None:
    # So that reading back asks the drive, not the computer's memory. Linux alone can.
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _discard(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:  # the drive is gone, and the part with it
        return


def deploy_over_link(bundle: Path, link: BoardLink) -> list[str]:
    """Send the bundle to the drive that the camera started from.

    Returns:
        Sentences for the user.

    Raises:
        InputError: As :func:`read_bundle` and :class:`BoardLink`; the camera's drive is full; a file arrives changed.
    """
    files = read_bundle(bundle)
    scripts = {file.name: file.content for file in read_files(bundle) if file.name in (SHARED, RECEIVER)}
    if len(scripts) < 2:
        raise InputError(f"{bundle} lists no {SHARED} and {RECEIVER}; run `make repro` again")
    entries = [(file.name, len(file.content), file.sha256) for file in files]
    shared, receiver = (scripts[name].decode(errors="replace") for name in (SHARED, RECEIVER))
    link.start(f"{shared}\nFILES = {entries!r}\n{receiver}")
    for file in files:
        link.wait_for(f"ready for {file.name}", FILE_S)
        link.send(CHANNEL, file.content)
    link.wait_for_end(FILE_S)
    return [f"{len(files)} files sent to the camera on {link.port} and checked there; reset the camera"]
