"""Takes files over the serial protocol, on a camera that has nothing of this yet.

The host runs it with two things put before it: ``tinyinspect_camera.py``, for ``digest``, and ``FILES``, a list of
name, size in bytes and SHA-256.
"""

import os
import time

import protocol

SILENCE_MS = 20000  # without a byte, then the host is gone


class Receiver:
    """The channel that the host writes a file's bytes to."""

    def __init__(self):
        self.file = None
        self.position = 0

    def write(self, offset, data):
        """Called by the protocol; the offset makes a repeated transfer harmless."""
        self.file.seek(offset)
        self.file.write(data)
        self.position = offset + len(data)
        return len(data)


def is_plain(name):
    """Whether a name stays on the drive: letters, digits, _ - . and blanks, no dot in front, at most one folder."""
    parts = name.split("/")
    known = all(
        character.isdigit() or character.isalpha() or character in "_-. " for part in parts for character in part
    )
    return known and len(parts) < 3 and all(part and part[0] not in "-. " for part in parts)


def receive(receiver, name, size, sha256):
    """One file, under its final name only when it is complete."""
    if not is_plain(name):
        raise ValueError("it is no plain name")
    folder = "/".join(name.split("/")[:-1])
    if folder and folder not in os.listdir("."):
        os.mkdir(folder)
    part = name + ".part"
    receiver.position = 0
    receiver.file = open(part, "wb")
    print("ready for " + name)
    position, heard = 0, time.ticks_ms()
    while receiver.position < size:
        time.sleep_ms(5)
        if receiver.position != position:
            position, heard = receiver.position, time.ticks_ms()
        if time.ticks_diff(time.ticks_ms(), heard) > SILENCE_MS:
            break
    receiver.file.close()
    if digest(part) != sha256:
        os.remove(part)
        raise ValueError("it arrived changed")
    if name in os.listdir(folder or "."):
        os.remove(name)
    os.rename(part, name)


def main():
    """All files, or one sentence."""
    receiver = Receiver()
    protocol.register(name="tinyinspect", backend=receiver)
    for name, size, sha256 in FILES:
        try:
            receive(receiver, name, size, sha256)
        except (OSError, ValueError) as error:
            print("error: %s cannot be stored (%s); check the camera's SD card for room and errors" % (name, error))
            return


main()
