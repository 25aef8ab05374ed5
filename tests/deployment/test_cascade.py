"""Two finished bundles become one, or one sentence says why they do not go together."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.openmv_app.bundles import APP, BOARD, write_test_bundle, write_test_cascade, write_test_gate
from tinyinspect.config.app import FrameSize, Led
from tinyinspect.deployment.bundle import EXPECTED, README, SETTINGS
from tinyinspect.deployment.manifest import MANIFEST, read_files
from tinyinspect.errors import InputError
from tinyinspect.tasks.cascade import Variant, gate_of, read_half, read_halves, write_cascade


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_gate(tmp_path_factory.mktemp("gate") / "openmv")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_bundle(tmp_path_factory.mktemp("classifier") / "openmv")


def test_it_holds_both(gate: Path, classifier: Path, tmp_path: Path) -> None:
    merged = write_test_cascade(tmp_path / "cascade", gate, classifier)
    files = {file.name: file.content for file in read_files(merged)}
    for folder in (gate, classifier):
        for file in read_files(folder):
            assert file.name in (SETTINGS, EXPECTED) or files[file.name] == file.content
    settings = [json.loads((folder / SETTINGS).read_text()) for folder in (gate, classifier, merged)]
    collect = {**settings[0]["collect"], **settings[1]["collect"]}
    assert settings[2] == {**settings[1], "program": "cascade", "gate": settings[0]["gate"], "collect": collect}
    expected = [json.loads((folder / EXPECTED).read_text()) for folder in (gate, classifier, merged)]
    assert expected[2] == expected[0] | expected[1]


def test_it_says_how_long_each_frame_takes(gate: Path, classifier: Path, tmp_path: Path) -> None:
    merged = write_test_cascade(tmp_path / "cascade", gate, classifier)
    manifest = json.loads((merged / MANIFEST).read_text())
    assert manifest["expected"]["refused"] == {"milliseconds": 40.0, "frames_per_second": 25.0}
    assert manifest["expected"]["accepted"] == {"milliseconds": 52.5, "frames_per_second": 19.0}
    assert manifest["storage"] == {"gate.tflite": "disk", "model.tflite": "disk"}
    readme = (merged / README).read_text()
    assert "| yellow | nothing it knows |\n| green | good |" in readme
    assert "40.0 ms for a picture that it does not know" in readme and "52.5 ms for one that gets a class" in readme
    assert "ROMFS" not in readme


def test_a_small_heap_sends_a_model_to_romfs(gate: Path, classifier: Path, tmp_path: Path) -> None:
    halves = read_halves(gate, classifier)
    write_cascade(
        *halves,
        BOARD.model_copy(update={"heap_blocks": [140 * 1024], "romfs_bytes": 2**20, "frame_bytes": 1}),
        tmp_path / "a",
    )
    assert json.loads((tmp_path / "a" / MANIFEST).read_text())["storage"]["gate.tflite"] == "romfs"
    assert "put `gate.tflite` into its ROMFS as well" in (tmp_path / "a" / README).read_text()
    small = BOARD.model_copy(update={"heap_blocks": [40 * 1024], "romfs_bytes": 2**20})
    with pytest.raises(InputError, match=r"do not fit on OpenMV Cam H7 together \(arenas of \d+ and \d+, files of \d+"):
        write_cascade(*halves, small, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_second_run_replaces_its_bundle_and_nothing_else(gate: Path, classifier: Path, tmp_path: Path) -> None:
    merged = write_test_cascade(tmp_path / "cascade", gate, classifier)
    first = (merged / MANIFEST).read_bytes()
    assert (write_test_cascade(merged, gate, classifier) / MANIFEST).read_bytes() == first
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="mine is there and is no bundle; give a new folder with --out"):
        write_test_cascade(tmp_path / "mine", gate, classifier)
    with pytest.raises(InputError, match="is one of the two bundles"):
        write_test_cascade(gate, gate, classifier)


def test_bundles_that_are_changed_or_swapped(gate: Path, classifier: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a bundle 'classifier', not 'gate'; give one of that kind with --gate"):
        read_half(classifier, Variant.GATE)
    with pytest.raises(InputError, match=r"none/manifest\.json is missing from the bundle"):
        read_half(tmp_path / "none", Variant.GATE)
    changed = shutil.copytree(gate, tmp_path / "changed")
    (changed / "gate.tflite").write_bytes(b"TFL3")
    with pytest.raises(InputError, match=r"gate\.tflite is not what the manifest says"):
        read_half(changed, Variant.GATE)
    (changed / MANIFEST).write_text("[]")
    with pytest.raises(InputError, match="is no manifest"):
        read_half(changed, Variant.GATE)


def altered(bundle: Path, folder: Path, change: Callable[[dict[str, Any], dict[str, Any]], Any]) -> Path:
    """A bundle with other settings or facts in its manifest, intact all the same."""
    shutil.copytree(bundle, folder)
    settings, manifest = (json.loads((folder / name).read_text()) for name in (SETTINGS, MANIFEST))
    change(settings, manifest)
    content = json.dumps(settings).encode()
    manifest["files"][SETTINGS] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / SETTINGS).write_bytes(content)
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


def test_a_bundle_of_an_older_version(classifier: Path, tmp_path: Path) -> None:
    old = altered(classifier, tmp_path / "old", lambda settings, manifest: settings.pop("program"))
    with pytest.raises(InputError, match=r"settings\.json is of another version .* run the stage `bundle` again"):
        read_half(old, Variant.CLASSIFIER)


def test_a_gates_bundle_of_an_older_version(gate: Path, tmp_path: Path) -> None:
    old = altered(gate, tmp_path / "old", lambda settings, manifest: settings["gate"].pop("centroids"))
    with pytest.raises(InputError, match=r"old is no complete bundle \(.*centroids.*\); run the stage `bundle` again"):
        gate_of(read_half(old, Variant.GATE))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda settings, manifest: manifest.update(board="openmv_m7"), "the board is .* and openmv_m7 in"),
        (
            lambda settings, manifest: manifest["firmware"].update(verified="4.8.1"),
            "the firmware is 5.0.0 in .* and 4.8.1",
        ),
    ],
)
def test_bundles_for_different_boards(
    gate: Path, classifier: Path, tmp_path: Path, change: Callable[..., Any], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        write_test_cascade(tmp_path / "cascade", gate, altered(classifier, tmp_path / "other", change))


@pytest.mark.parametrize(
    ("app", "sentence"),
    [
        ({"frame_size": FrameSize.VGA}, "app.frame_size is QVGA in .* and VGA in .*; make both bundles with the same"),
        ({"debounce_frames": 9}, "app.debounce_frames is 3 in .* and 9 in"),
        ({"leds": [Led.BLUE, Led.YELLOW, Led.RED]}, "yellow would mean both unknown and 'defective'; choose another"),
    ],
)
def test_bundles_of_different_settings(gate: Path, tmp_path: Path, app: dict[str, Any], sentence: str) -> None:
    other = write_test_bundle(tmp_path / "other", app=APP.model_copy(update=app))
    with pytest.raises(InputError, match=sentence):
        write_test_cascade(tmp_path / "cascade", gate, other)


def test_bundles_with_different_programs(gate: Path, classifier: Path, tmp_path: Path) -> None:
    def change(settings: dict[str, Any], manifest: dict[str, Any]) -> None:
        (tmp_path / "other/main.py").write_text("pass\n")
        manifest["files"]["main.py"] = {"sha256": hashlib.sha256(b"pass\n").hexdigest(), "bytes": 5}

    other = altered(classifier, tmp_path / "other", change)
    with pytest.raises(
        InputError, match=r"main\.py is not the same in .*; run the stage `bundle` of both at one version"
    ):
        write_test_cascade(tmp_path / "cascade", gate, other)
