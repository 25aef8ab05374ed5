"""Deploying and checking over the serial protocol, with the package's camera replaced by a board's stand-in."""

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from openmv import OMVException

from tests.openmv_app.bundles import write_test_bundle, write_test_cascade, write_test_gate
from tests.openmv_app.firmware import Board, solid
from tinyinspect.deployment import board_link
from tinyinspect.deployment.board_link import BoardLink, find_port
from tinyinspect.deployment.bundle import EXPECTED
from tinyinspect.deployment.deploy import deploy_over_link, read_bundle
from tinyinspect.deployment.device_check import Difference, compare
from tinyinspect.deployment.manifest import MANIFEST
from tinyinspect.errors import InputError

STDOUT_BYTES = 1024


class FakeCamera:
    """What of ``openmv.Camera`` is used: scripts run on the stand-in, beside the host."""

    def __init__(self, board: Board, firmware: tuple[int, ...] = (5, 0, 0)) -> None:
        self.board, self.verinfo = board, {"firmware_version": firmware}
        self.read = 0
        self.thread: threading.Thread | None = None

    def connect(self) -> None:
        return

    def disconnect(self) -> None:
        self.stop()

    def stop(self) -> None:
        self.board.stop_after_ms = -1
        if self.thread:
            self.thread.join(timeout=5)

    def exec(self, script: str) -> None:
        self.board.stop_after_ms = 10**9
        self.thread = threading.Thread(target=self._run, args=(script,), daemon=True)
        self.thread.start()

    def _run(self, script: str) -> None:
        try:
            self.board.run_source(script)
        except Exception as error:
            self.board.print(f"Traceback (most recent call last):\n{type(error).__name__}: {error}")

    def read_stdout(self) -> str | None:
        lines = self.board.printed[self.read :]
        self.read += len(lines)
        text = "".join(f"{line}\r\n" for line in lines)
        assert len(text) < STDOUT_BYTES, "the camera's buffer would have overflowed"
        return text or None

    def update_channels(self) -> None:
        return

    def channel_write(self, name: str, content: bytes) -> bool:
        if name not in self.board.channels:
            return False
        for start in range(0, len(content), 4088):
            self.board.channels[name].write(start, bytearray(content[start : start + 4088]))
        return True


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_bundle(tmp_path_factory.mktemp("bundle") / "openmv")


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCamera:
    drive = tmp_path / "drive"
    drive.mkdir()
    fake = FakeCamera(Board((5, 0, 0), drive, [solid(0, 255, 0)], real_time=True))
    monkeypatch.setattr(board_link, "Camera", lambda port: fake)
    return fake


@pytest.fixture
def link(camera: FakeCamera) -> Iterator[BoardLink]:
    with BoardLink("/dev/ttyACM0") as connected:
        yield connected


def test_deployed_over_the_link_the_check_passes(bundle: Path, camera: FakeCamera, link: BoardLink) -> None:
    (note,) = deploy_over_link(bundle, link)
    assert "checked there" in note
    for file in read_bundle(bundle):
        assert (camera.board.drive / file.name).read_bytes() == file.content
    assert compare(bundle, link) == []


def test_a_transfer_that_is_spoilt_never_gets_the_final_name(
    bundle: Path, camera: FakeCamera, link: BoardLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    (camera.board.drive / "model.tflite").write_bytes(b"the old model")
    send = camera.channel_write

    def spoilt(name: str, content: bytes) -> bool:
        return send(name, content[:-1] + b"?" if content[4:8] == b"TFL3" else content)

    monkeypatch.setattr(camera, "channel_write", spoilt)
    with pytest.raises(InputError, match=r"model\.tflite cannot be stored \(it arrived changed"):
        deploy_over_link(bundle, link)
    assert (camera.board.drive / "model.tflite").read_bytes() == b"the old model"


@pytest.mark.parametrize("cascaded", [False, True])
def test_a_gate_is_checked_too(
    bundle: Path, camera: FakeCamera, link: BoardLink, tmp_path: Path, cascaded: bool
) -> None:
    whole = gate = write_test_gate(tmp_path / "gate")
    if cascaded:
        whole = write_test_cascade(tmp_path / "cascade", gate, bundle)
    deploy_over_link(whole, link)
    assert compare(whole, link) == []
    with pytest.raises(InputError, match=r"the board holds another model\.tflite than the bundle"):
        (camera.board.drive / "settings.json").write_bytes((gate / "settings.json").read_bytes())
        compare(bundle, link)


def test_a_difference_is_found(bundle: Path, camera: FakeCamera, link: BoardLink, tmp_path: Path) -> None:
    shutil.copytree(bundle, camera.board.drive, dirs_exist_ok=True)
    other = shutil.copytree(bundle, tmp_path / "other")
    expected = json.loads((other / EXPECTED).read_text())
    first, host = next(iter(expected["model.tflite"].items()))
    board = list(host)
    host[0] += 1
    content = json.dumps(expected).encode()
    (other / EXPECTED).write_bytes(content)
    manifest = json.loads((other / MANIFEST).read_text())
    manifest["files"][EXPECTED] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (other / MANIFEST).write_text(json.dumps(manifest))
    found = compare(other, link)
    assert found == [Difference(first, board, host)]
    assert str(found[0]) == (
        f"{first}: 1 of 3 outputs differ; output 0 is {board[0]} on the board, {host[0]} on the host"
    )
    assert str(Difference("a", [1], [1, 2])) == "a: 1 outputs on the board, 2 on the host"


def test_a_board_with_another_bundle(bundle: Path, camera: FakeCamera, link: BoardLink) -> None:
    with pytest.raises(InputError, match=r"failed: ImportError.*run `make deploy` first"):
        compare(bundle, link)
    shutil.copytree(bundle, camera.board.drive, dirs_exist_ok=True)
    (camera.board.drive / "model.tflite").write_bytes(b"TFL3")
    with pytest.raises(InputError, match=r"says: model\.tflite is not the model"):
        compare(bundle, link)


@pytest.mark.parametrize("firmware", [(4, 5, 5), (5, 1, 0)])
def test_a_firmware_out_of_range(bundle: Path, camera: FakeCamera, link: BoardLink, firmware: tuple[int, ...]) -> None:
    camera.verinfo["firmware_version"] = firmware
    with pytest.raises(InputError, match=r"the program needs 4\.5\.6 to 5\.0\.0"):
        compare(bundle, link)


def test_a_script_that_never_answers(link: BoardLink) -> None:
    link.start("import time\nwhile True:\n    time.sleep_ms(1)")
    with pytest.raises(InputError, match=r"did not answer in 0\.1 s"):
        link.wait_for_end(0.1)


@pytest.mark.parametrize("failure", [OMVException("Failed to connect: timed out"), SystemExit(0), OSError("gone")])
def test_a_board_that_does_not_answer(
    camera: FakeCamera, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    def fail() -> None:
        raise failure

    monkeypatch.setattr(camera, "connect", fail)
    with pytest.raises(InputError, match=r"does not answer|was disconnected"):
        BoardLink("/dev/ttyACM0").__enter__()


def ports(*ids: tuple[int | None, int | None]) -> Callable[[], list[SimpleNamespace]]:
    return lambda: [SimpleNamespace(device=f"/dev/tty{n}", vid=vid, pid=pid) for n, (vid, pid) in enumerate(ids)]


def test_the_port_is_found_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_link.list_ports, "comports", ports((None, None), (0x2341, 0x0043), (0x37C5, 0x124A)))
    assert find_port() == "/dev/tty2"
    monkeypatch.setattr(board_link.list_ports, "comports", ports((0x1209, 0xABD1), (0x2341, 0x005F)))
    with pytest.raises(InputError, match="cameras on /dev/tty0, /dev/tty1"):
        find_port()
