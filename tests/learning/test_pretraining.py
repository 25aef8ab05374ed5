"""The frames that pretraining reads, and what it learns from them."""

import copy
import errno
import os
import signal
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pytest
import torch

from tinyinspect.config.pretrain import Pretrain, SslMethod
from tinyinspect.errors import InputError
from tinyinspect.learning import sources
from tinyinspect.learning.pretraining import pretrain
from tinyinspect.learning.sources import Sources

PICTURE = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
DISK = namedtuple("DISK", "total used free")


class Store:
    """Three frames."""

    def __len__(self) -> int:
        return 3

    def picture(self, row: int) -> np.ndarray:
        return PICTURE + np.uint8(row)


def test_every_frame_is_there_and_no_file_is_left(tmp_path, capsys):
    frames = Sources(Store(), 8, tmp_path / "models" / ".sources.partial")[np.array([2, 0])]
    assert frames.shape == (2, 3, 16, 16) and frames.dtype == np.uint8
    assert frames[0].any() and not np.array_equal(frames[0], frames[1])
    assert list((tmp_path / "models").iterdir()) == []
    assert f"3 frames in {tmp_path}" in capsys.readouterr().out


def test_more_frames_than_are_kept_are_the_same_frames(tmp_path, monkeypatch, capsys):
    rows = np.array([2, 0, 1, 2])
    kept = Sources(Store(), 8, tmp_path / ".sources.partial")
    monkeypatch.setattr(sources, "KEPT_BYTES", 2 * 3 * 16**2)
    fewer = Sources(Store(), 8, tmp_path / ".sources.partial")
    assert len(fewer) == 3
    assert np.array_equal(fewer[rows], kept[rows])
    said = capsys.readouterr().out
    assert f"keeps 2 frames in {tmp_path}: 0.00 GB until it ends and decodes the other 1 in each epoch" in said


def test_a_part_of_the_frames_is_spread_evenly(tmp_path, monkeypatch, capsys):
    every = Sources(Store(), 8, tmp_path / ".sources.partial")
    for kept in (10**6, 1):
        monkeypatch.setattr(sources, "KEPT_BYTES", kept)
        part = Sources(Store(), 8, tmp_path / ".sources.partial", most=2)
        assert len(part) == 2 and part.rows.tolist() == [0, 2]
        assert np.array_equal(part[np.array([1, 0])], every[np.array([2, 0])])
    assert "keeps 2 frames" in capsys.readouterr().out
    assert len(Sources(Store(), 8, tmp_path / ".sources.partial", most=10)) == 3


@pytest.mark.parametrize(("count", "said"), [(0, "none"), (1, "1")])
def test_too_few_frames_to_learn_from(tmp_path, monkeypatch, count, said):
    monkeypatch.setattr(Store, "__len__", lambda _: count)
    with pytest.raises(InputError, match=f"takes at least two frames, and there is {said}; record more"):
        Sources(Store(), 8, tmp_path / ".sources.partial")


def test_frames_that_are_not_kept_train_the_same_weights(tmp_path, monkeypatch, small_network):
    settings = Pretrain(
        method=SslMethod.SIMCLR, frames=None, epochs=2, batch_size=3, learning_rate=0.01, weight_decay=0, processes=1
    )
    weights, losses = [], []
    for kept in (10**6, 1):
        monkeypatch.setattr(sources, "KEPT_BYTES", kept)
        network = copy.deepcopy(small_network)
        frames = Sources(Store(), 32, tmp_path / ".sources.partial")
        losses.append(list(pretrain(network.backbone, frames, settings, torch.device("cpu"), 0)))
        weights.append(torch.cat([one.flatten() for one in network.backbone.parameters()]))
    assert losses[0] == losses[1]
    assert torch.equal(*weights)


def test_a_killed_process_leaves_no_file(tmp_path):
    program = (
        "import sys; from pathlib import Path; from tests.learning.test_pretraining import Store\n"
        "from tinyinspect.learning.sources import Sources\n"
        "kept = Sources(Store(), 8, Path(sys.argv[1])); print('mapped', flush=True); sys.stdin.read()"
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
    monkeypatch.setattr(sources.shutil, "disk_usage", lambda folder: DISK(10**9, 10**9, 1000))
    with pytest.raises(InputError, match=r"needs 0\.00 GB for its copy of 3 frames.* make room"):
        Sources(Store(), 8, tmp_path / ".sources.partial")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="a disk that fills up meanwhile is seen on Linux alone")
def test_a_disk_that_is_full_though_it_said_otherwise_is_no_bus_error(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        Sources(Store(), 8, tmp_path / ".sources.partial")
    assert list(tmp_path.iterdir()) == []
