"""The page, played in Chromium: the real command, real keys and clicks."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.browser import chromium
from tests.labelling.browser import ROOT, labelling_page
from tinyinspect.learning.features import FEATURES, Features
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import BAD_FRAME, read_annotations
from tinyinspect.selection.dataset import picture_name

playwright = pytest.importorskip("playwright.sync_api")

CLASSES = ["good", "defective", "no_mask"]


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def project(tmp_path: Path, store: FrameStore) -> Path:
    """Frames, a selection of twelve and embeddings; no labels, no model."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "selection").mkdir()
    (tmp_path / "embeddings").mkdir()
    rows = np.r_[0:8, 20:24]
    chosen = store.index.loc[rows, ["recording", "frame"]].assign(row=rows, split=["train"] * 8 + ["test"] * 4)
    chosen.to_csv(tmp_path / "selection" / "selection.csv", index=False)
    embeddings = np.repeat(np.eye(3, 8, dtype=np.float32), [12, 8, 6], axis=0)
    np.save(tmp_path / "embeddings" / "embeddings.npy", embeddings)
    return tmp_path


@pytest.fixture
def page(browser: playwright.Browser) -> Iterator[playwright.Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    page.close()
    # Where a test stops the program, what the page has asked for breaks off; an answer with an error says its status.
    assert not [fault for fault in faults if "net::ERR_" not in fault]


def begin(page: playwright.Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("body[data-ready]")


def wait_for(page: playwright.Page, place: str) -> None:
    playwright.expect(page.locator("#done")).to_have_text(place)


def saved(project: Path) -> dict[tuple[str, int], str]:
    table = read_annotations(project / "annotations", CLASSES)
    return {(str(one.recording), int(one.frame)): str(one.label) for one in table.itertuples()}


def test_keys_label_undo_skip_and_resume_after_a_kill(page: playwright.Page, project: Path) -> None:
    with labelling_page(project) as (address, process):
        begin(page, address)
        wait_for(page, "1 of 12, 0 labelled")
        for key in ["1", "2", "3", "b", "s"]:
            page.keyboard.press(key)
        wait_for(page, "6 of 12, 4 labelled")
        recording = "day/a.avi"
        expected = {
            (recording, 0): "good",
            (recording, 1): "defective",
            (recording, 2): "no_mask",
            (recording, 3): BAD_FRAME,
        }
        assert saved(project) == expected
        for _ in range(3):
            page.keyboard.press("Backspace")
        wait_for(page, "3 of 12, 2 labelled")
        page.keyboard.press("1")
        wait_for(page, "4 of 12, 3 labelled")
        process.kill()
    with labelling_page(project) as (address, _):
        begin(page, address)
        wait_for(page, "4 of 12, 3 labelled")
        page.keyboard.press("Backspace")
        wait_for(page, "3 of 12, 2 labelled")
    assert saved(project) == {(recording, 0): "good", (recording, 1): "defective"}


def test_clicks_do_what_keys_do(page: playwright.Page, project: Path) -> None:
    with labelling_page(project) as (address, _):
        begin(page, address)
        page.click(".class >> text=defective")
        wait_for(page, "2 of 12, 1 labelled")
        page.click("[data-do=bad]")
        page.click("[data-do=skip]")
        wait_for(page, "4 of 12, 2 labelled")
        page.click("[data-do=undo]")
        page.click("[data-do=undo]")
        wait_for(page, "2 of 12, 1 labelled")
        page.click("#help-button")
        playwright.expect(page.locator("#help")).to_be_visible()
        page.keyboard.press("1")  # no label while the help is open
        page.click("#help button")
        page.click("#strip button >> nth=-1")  # a neighbour in time, which is labelled beside the list
        page.keyboard.press("3")
        playwright.expect(page.locator(".class >> text=no_mask").locator("..").locator(".count")).to_have_text("1")
        wait_for(page, "2 of 12, 2 labelled")
    assert saved(project) == {("day/a.avi", 0): "defective", ("day/a.avi", 5): "no_mask"}


def test_grid_labels_what_is_chosen_at_once(page: playwright.Page, project: Path) -> None:
    with labelling_page(project) as (address, _):
        begin(page, address)
        page.keyboard.press("g")
        playwright.expect(page.locator(".tile")).to_have_count(12)
        page.keyboard.press("1")  # none is chosen: nothing happens
        page.click(".tile >> nth=2")
        page.click(".tile >> nth=4")
        playwright.expect(page.locator("#grid-count")).to_have_text("2 of 12 chosen")
        page.keyboard.press("2")
        wait_for(page, "2 labelled")
        page.keyboard.press("a")
        page.keyboard.press("Backspace")
        wait_for(page, "0 labelled")
        page.select_option("#order", "cluster")  # look-alikes are chosen to begin with
        playwright.expect(page.locator(".tile:not(.chosen)")).to_have_count(0)
        count = page.locator(".tile.chosen").count()
        page.keyboard.press("3")
        wait_for(page, f"{count} labelled")
    assert set(saved(project).values()) == {"no_mask"} and len(saved(project)) == count


def test_look_alikes_of_a_frame(page: playwright.Page, project: Path) -> None:
    with labelling_page(project) as (address, _):
        begin(page, address)
        page.keyboard.press("n")
        playwright.expect(page.locator(".tile.chosen")).to_have_count(20)
        for place in range(12, 20):
            page.click(f".tile >> nth={place}")
        page.keyboard.press("1")
        wait_for(page, "8 labelled")
        page.keyboard.press("Escape")
        wait_for(page, "1 of 12, 8 labelled")
    assert saved(project) == {("day/a.avi", frame): "good" for frame in range(12)}


def test_filters_and_conflicts(page: playwright.Page, project: Path) -> None:
    (project / "annotations").mkdir()
    for name, label in (("ann", "good"), ("bo", "defective")):
        text = f"video,frame,label,by,at\nb.avi,1,{label},{name},2026-01-01T00:00:00Z\nb.avi,2,good,{name},\n"
        (project / "annotations" / f"{name}.csv").write_text(text)
    with labelling_page(project) as (address, _):
        begin(page, address)
        page.select_option("#order", "time")
        wait_for(page, "1 of 26, 2 labelled")
        page.select_option("#only", "unlabelled")
        wait_for(page, "1 of 24, 0 labelled")
        page.select_option("#recording", "c.avi")
        wait_for(page, "1 of 6, 0 labelled")
        page.click("#banner >> text=show them")
        wait_for(page, "1 of 1, 1 labelled")
        playwright.expect(page.locator(".statement")).to_have_count(2)
        page.click(".statement >> text=ann")
        playwright.expect(page.locator("#banner")).to_be_hidden()
        playwright.expect(page.locator("#end-title")).to_have_text("That was the last frame of this list")
    assert saved(project)["b.avi", 1] == "good"


def test_a_frame_says_why_it_was_selected(page: playwright.Page, project: Path) -> None:
    path = project / "selection" / "selection.csv"
    chosen = pd.read_csv(path).assign(reason=["typical of 9 similar frames", ""] * 6)
    chosen.to_csv(path, index=False)
    with labelling_page(project) as (address, _):
        begin(page, address)
        playwright.expect(page.locator("#place")).to_contain_text("to train on: typical of 9 similar frames")
        page.keyboard.press("1")
        playwright.expect(page.locator("#place")).to_have_text(re.compile(r"frame 1 .* to train on$"))


def test_suggestions_are_accepted_and_can_be_hidden(page: playwright.Page, project: Path) -> None:
    (project / "models").mkdir()
    shutil.copy(ROOT / "tests/evaluation/models/model_int8.tflite", project / "models")
    with labelling_page(project) as (address, _):
        begin(page, address)
        playwright.expect(page.locator("#suggestion")).to_be_visible()
        answer = page.locator("#guess .chip").inner_text()
        page.keyboard.press("h")
        playwright.expect(page.locator("#suggestion")).to_be_hidden()
        page.keyboard.press(" ")
        playwright.expect(page.locator("#toast")).to_have_text("suggestions are hidden; h shows them")
        page.reload()
        page.wait_for_selector("body[data-ready]")
        playwright.expect(page.locator("#suggestion")).to_be_hidden()
        page.keyboard.press("h")
        page.keyboard.press(" ")
        wait_for(page, "2 of 12, 1 labelled")
        page.select_option("#order", "uncertainty")
        playwright.expect(page.locator("#place")).to_have_text(re.compile(r"the model is unsure: \w+ \d+ %, \w+ \d+ %"))
    assert saved(project) == {("day/a.avi", 0): answer}
    row = pd.read_csv(project / "annotations" / "labels.csv").iloc[0]
    assert row["by"] == "Ann"


def test_frames_are_shown_that_the_teacher_takes_for_something_else(
    page: playwright.Page, project: Path, store: FrameStore
) -> None:
    (project / "models").mkdir()
    shutil.copy(ROOT / "tests/evaluation/models/model_int8.tflite", project / "models")
    names = [
        picture_name(*place) for place in store.index.loc[range(10), ["recording", "frame"]].itertuples(index=False)
    ]
    Features(names, np.linspace(-1, 1, 20, dtype=np.float32).reshape(10, 2), 10).write(project / FEATURES)
    with labelling_page(project) as (address, _):
        begin(page, address)
        page.keyboard.press("1")
        page.keyboard.press("2")
        wait_for(page, "3 of 12, 2 labelled")
        page.select_option("#order", "teacher")
        wait_for(page, "1 of 8, 0 labelled")
        playwright.expect(page.locator("#place")).to_have_text(re.compile(r"the teacher says (good|defective) \d+ %$"))


def test_wrong_token_shows_no_page(browser: playwright.Browser, project: Path) -> None:
    with labelling_page(project) as (address, _):
        page = browser.new_page()
        answer = page.goto(address[:-2] + "x/")
        assert answer.status == 403 and "Open the one that" in page.inner_text("body")
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phones_width_is_enough(browser: playwright.Browser, project: Path, scheme: str) -> None:
    with labelling_page(project) as (address, _):
        page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        begin(page, address)
        for view in ("single", "grid"):
            assert page.evaluate("document.documentElement.scrollWidth") == 390, view
            page.click("#grid-button")
        page.click(".class >> text=good")
        wait_for(page, "2 of 12, 1 labelled")
        page.close()
    assert saved(project) == {("day/a.avi", 0): "good"}


def test_a_label_that_cannot_be_saved_keeps_its_frame(browser: playwright.Browser, project: Path) -> None:
    with labelling_page(project) as (address, process):
        page = browser.new_page()
        begin(page, address)
        page.keyboard.press("1")
        wait_for(page, "2 of 12, 1 labelled")
        process.kill()
        process.wait()
        page.keyboard.press("2")
        playwright.expect(page.locator("#banner")).to_contain_text("What you labelled is saved")
        wait_for(page, "2 of 12, 1 labelled")
        page.close()
    assert saved(project) == {("day/a.avi", 0): "good"}
