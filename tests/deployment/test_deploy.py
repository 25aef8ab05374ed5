"""Copying to a drive: complete, checked, or refused in one sentence; never half a file under its final name."""

import errno
import json
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from tests.openmv_app.bundles import write_test_bundle, write_test_cascade, write_test_gate
from tinyinspect.deployment import deploy
from tinyinspect.deployment.bundle import CHECK
from tinyinspect.deployment.deploy import MARK, deploy_to_drive, read_bundle
from tinyinspect.errors import InputError

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_bundle(tmp_path_factory.mktemp("bundle") / "openmv")


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    folder = tmp_path / "drive"
    folder.mkdir()
    (folder / MARK).touch()
    (folder / "main.py").write_text("# the camera's own")
    return folder


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_everything_arrives(bundle: Path, drive: Path) -> None:
    (note,) = deploy_to_drive(bundle, drive)
    assert names(drive) == {file.name for file in read_bundle(bundle)} | {MARK}
    assert not {"receive.py", "README.md"} & names(drive)
    for file in read_bundle(bundle):
        assert (drive / file.name).read_bytes() == file.content
    assert "reset the camera" in note
    assert deploy_to_drive(bundle, drive) == [note]  # once more, over the same files


def test_a_cascade_is_deployed_as_any_other(bundle: Path, drive: Path, tmp_path: Path) -> None:
    cascade = write_test_cascade(tmp_path / "cascade", write_test_gate(tmp_path / "gate"), bundle)
    deploy_to_drive(cascade, drive)
    assert {"gate.tflite", "model.tflite", "model.txt"} <= names(drive)
    settings = json.loads((drive / "settings.json").read_text())
    assert settings["program"] == "cascade"


def test_main_comes_after_what_it_needs(bundle: Path) -> None:
    order = [file.name for file in read_bundle(bundle)]
    assert all(
        order.index(name) < order.index("main.py") for name in order if not name.startswith((f"{CHECK}/", "main"))
    )


@pytest.mark.parametrize("missing", ["folder", "mark"])
def test_a_drive_that_is_no_cameras(bundle: Path, drive: Path, missing: str) -> None:
    if missing == "folder":
        drive = drive / "gone"
    else:
        (drive / MARK).unlink()
    with pytest.raises(InputError, match="is not there" if missing == "folder" else f"no camera's drive.*{MARK}"):
        deploy_to_drive(bundle, drive)


def test_a_full_drive_is_refused_before_anything_is_written(
    bundle: Path, drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(drive)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(112_000, 92_000, 20_000))
    with pytest.raises(InputError, match="19 kB free and the program needs"):
        deploy_to_drive(bundle, drive)
    assert names(drive) == before


def test_a_small_drive_gets_the_program_without_the_check(
    bundle: Path, drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(112_000, 12_000, 100_000))
    notes = deploy_to_drive(bundle, drive)
    assert f"no room for {CHECK}/" in notes[1]
    assert not any(name.startswith(f"{CHECK}/") for name in names(drive))
    assert "model.tflite" in names(drive)


@pytest.mark.parametrize(
    ("number", "sentence"), [(errno.ENOSPC, "put an SD card"), (errno.EIO, "connect the camera again")]
)
def test_a_copy_that_breaks_leaves_no_half_model(
    bundle: Path, drive: Path, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    (drive / "model.tflite").write_bytes(b"the old model")
    sync = os.fsync

    def broken(descriptor: int) -> None:
        if "model.tflite" in str(Path(f"/proc/self/fd/{descriptor}").resolve()):
            os.truncate(descriptor, 100)
            raise OSError(number, os.strerror(number))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(InputError, match=f"model.tflite cannot be written.*{sentence}"):
        deploy_to_drive(bundle, drive)
    assert (drive / "model.tflite").read_bytes() == b"the old model"
    assert not any(name.endswith(".part") for name in names(drive))


def test_a_file_that_reads_back_wrong_keeps_its_old_content(
    bundle: Path, drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drive / "model.tflite").write_bytes(b"the old model")
    monkeypatch.setattr(deploy, "_forget_cache", lambda descriptor: os.pwrite(descriptor, b"\0\0", 40))
    with pytest.raises(InputError, match="does not read back"):
        deploy_to_drive(bundle, drive)
    assert (drive / "model.tflite").read_bytes() == b"the old model"


def test_a_changed_or_missing_bundle(bundle: Path, drive: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `make repro` first"):
        deploy_to_drive(tmp_path / "none", drive)
    changed = shutil.copytree(bundle, tmp_path / "changed")
    (changed / "model.tflite").write_bytes(b"TFL3")
    with pytest.raises(InputError, match="is not what the manifest says"):
        deploy_to_drive(changed, drive)
