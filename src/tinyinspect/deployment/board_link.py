"""A camera on a serial port, through the official ``openmv`` package: run a script there and read what it prints."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from openmv import Camera, OMVException
from serial import SerialException
from serial.tools import list_ports

from tinyinspect.errors import InputError

# USB vendor and product ids, from OpenMV IDE's port scan; None stands for every product of the vendor.
USB_IDS = {(0x37C5, None), (0x1209, 0xABD1), (0x2341, 0x005B), (0x2341, 0x005F)}
END = "<end of script>"
POLL_S = 0.02  # the camera keeps 1 kB of printed text for the host


def find_port() -> str:
    """The serial port of the one camera that is connected.

    Raises:
        InputError: There is none, or more than one.
    """
    ports = [port.device for port in list_ports.comports() if USB_IDS & {(port.vid, None), (port.vid, port.pid)}]
    if not ports:
        raise InputError("no OpenMV camera is connected; plug one in by USB or name its port with PORT=")
    if len(ports) > 1:
        raise InputError(f"there are cameras on {', '.join(ports)}; name one with PORT=")
    return ports[0]


class BoardLink:
    """A connection to the camera; a context manager.

    Example:
        with BoardLink("/dev/ttyACM0") as link:
            link.start("print(1 + 1)")
            print(link.wait_for_end(seconds=5))
    """

    def __init__(self, port: str):
        self.port = port
        self._camera = Camera(port)
        self._text = ""  # printed and not yet waited for

    def __enter__(self) -> Self:
        """Connect and stop the program that runs."""
        with self._reported():
            self._camera.connect()
            self._camera.stop()
            self._camera.read_stdout()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        self._camera.disconnect()

    @property
    def firmware(self) -> tuple[int, ...]:
        """Major, minor and patch number."""
        version: dict[str, Any] = self._camera.verinfo
        return tuple(version["firmware_version"])

    def start(self, script: str) -> None:
        """Run a script; what it prints is read by :meth:`wait_for`."""
        self._text = ""
        with self._reported():
            self._camera.exec(f"{script}\nprint('{END}')\n")

    def send(self, channel: str, content: bytes) -> None:
        """Write to a channel that the running script has registered.

        Raises:
            InputError: The script has no such channel or the connection broke.
        """
        with self._reported():
            self._camera.update_channels()
            if not self._camera.channel_write(channel, content):
                raise InputError(f"the camera on {self.port} opened no channel '{channel}'; reset it and try again")

    def wait_for_end(self, seconds: float) -> str:
        """Wait until the script has ended; return what it printed since the last wait."""
        return self.wait_for(END, seconds)

    def wait_for(self, line: str, seconds: float) -> str:
        """Wait until the script prints ``line``; return what it printed before that, since the last wait.

        Raises:
            InputError: It printed "error: ...", raised an exception or did not print the line in ``seconds``.
        """
        until = time.monotonic() + seconds
        while True:
            done, found, rest = self._text.partition(f"{line}\n")
            if found:
                self._text = rest
                return done
            self._refuse_failure()
            if time.monotonic() > until:
                self._stop()
                raise InputError(f"the camera on {self.port} did not answer in {seconds:g} s; reset it and try again")
            time.sleep(POLL_S)
            with self._reported():
                self._text += (self._camera.read_stdout() or "").replace("\r\n", "\n")

    def _refuse_failure(self) -> None:
        lines = self._text.split("\n")[:-1]  # the last one may be half there
        errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        if errors:
            self._stop()
            raise InputError(f"the camera on {self.port} says: {errors[0]}")
        if END in lines:
            raise InputError(f"the program on the camera on {self.port} ended early; run `make deploy` first")
        traces = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
        if traces and not lines[-1].startswith((" ", "Traceback")):
            raise InputError(f"the program on the camera on {self.port} failed: {lines[-1]}; run `make deploy` first")

    def _stop(self) -> None:
        with self._reported():
            self._camera.stop()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (OMVException, SerialException, OSError) as error:
            raise InputError(
                f"the camera on {self.port} does not answer ({error}); close OpenMV IDE, reset the camera, or copy the "
                "bundle over USB and run check.py in OpenMV IDE, which also knows the protocol of older firmware"
            ) from None
        except SystemExit:  # the package's way to report a lost port
            raise InputError(f"the camera on {self.port} was disconnected; plug it in and try again") from None
