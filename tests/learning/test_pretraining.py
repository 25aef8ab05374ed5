"""The copy of all frames that pretraining maps."""

import errno
import os
import signal
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pytest

from tinyinspect.errors import InputError
from tinyinspect.learning import pretraining

PICTURE = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
DISK = namedtuple("DISK", "total used free")


class Store:
    """Three frames."""

    def __len__(self) -> int:
        return 3

    def picture(self, row: int) -> np.ndarray:
        return PICTURE + np.uint8(row)


def test_every_frame_is_there_and_no_file_is_left(tmp_path, capsys):
    sources = pretraining.sources_of(Store(), 8, tmp_path / "models" / ".sources.partial")
    assert sources.shape == (3, 3, 16, 16) and sources.dtype == np.uint8
    assert sources[0].any() and not np.array_equal(sources[0], sources[1])
    assert list((tmp_path / "models").iterdir()) == []
    assert f"3 frames in {tmp_path}" in capsys.readouterr().out


def test_a_killed_process_leaves_no_file(tmp_path):
    program = (
        "import sys; from pathlib import Path; from tests.learning.test_pretraining import Store\n"
        "from tinyinspect.learning.pretraining import sources_of\n"
        "kept = sources_of(Store(), 8, Path(sys.argv[1])); print('mapped', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / ".sources.partial"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    while b"mapped" not in process.stdout.readline():
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list(tmp_path.iterdir()) == []


def test_too_little_room_is_told_before_it_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(pretraining.shutil, "disk_usage", lambda folder: DISK(10**9, 10**9, 1000))
    with pytest.raises(InputError, match=r"needs 0\.00 GB for its copy of 3 frames.* make room"):
        pretraining.sources_of(Store(), 8, tmp_path / ".sources.partial")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="a disk that fills up meanwhile is seen on Linux alone")
def test_a_disk_that_is_full_though_it_said_otherwise_is_no_bus_error(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        pretraining.sources_of(Store(), 8, tmp_path / ".sources.partial")
    assert list(tmp_path.iterdir()) == []
