"""The report as a file, and played in Chromium."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium
from tests.device.verified import VERIFIED, verified
from tinyinspect.report.page import Material, write_page
from tinyinspect.report.verdict import Colour, verdict

SIZES = {"desk": (1280, 900), "tablet": (800, 1100), "phone": (390, 844)}


def written(material: Material, folder: Path) -> str:
    write_page(folder / "report.html", material)
    return (folder / "report.html").read_text(encoding="utf-8")


def test_the_same_results_give_the_same_page_under_15_megabytes(material, tmp_path):
    first = written(material, tmp_path)
    assert first == written(material, tmp_path)
    assert len(first) < 15e6


def test_the_page_refers_to_nothing_outside(material, tmp_path):
    page = re.sub(r"<script>.*?</script>", "", written(material, tmp_path), flags=re.DOTALL)
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert sources and all(source.startswith(("data:", "#")) for source in sources)
    assert "@import" not in page and "url(" not in page


def test_names_of_classes_are_text_not_markup(material, tmp_path):
    page = re.sub(r"<script>.*?</script>", "", written(material, tmp_path), flags=re.DOTALL)
    assert "&lt;b&gt;spot" in page and "<b>spot" not in page


def test_runtimes_that_agree_share_a_row(material, tmp_path):
    page = written(material, tmp_path)
    assert "<th>PyTorch, ONNX Runtime, TFLite float32, TFLite int8</th>" in page
    assert "<th>TFLite Micro (camera)</th>" in page


def test_the_verdict_is_red_amber_or_green(material):
    assert verdict(["too large"], [], material.metrics, VERIFIED).colour is Colour.RED
    assert verdict([], ["few frames"], material.metrics, VERIFIED).colour is Colour.AMBER
    assert verdict([], [], material.metrics, verified(milliseconds=None)).colour is Colour.AMBER
    assert verdict([], [], material.metrics | {"stand_in": "kernels"}, VERIFIED).colour is Colour.AMBER
    assert verdict([], [], material.metrics, VERIFIED).colour is Colour.GREEN


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def opened(browser: Any, material: Material, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    width, height = SIZES[getattr(request, "param", "desk")]
    write_page(tmp_path / "report.html", material)
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(180_000)  # Plotly's megabytes take long where the cores are shared
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type in {"error", "warning"} else None)
    page.goto((tmp_path / "report.html").as_uri())
    page.wait_for_selector("body[data-ready]")
    yield page
    page.close()
    assert faults == []


@pytest.mark.parametrize("opened", SIZES, indirect=True)
def test_it_fits_each_screen_and_draws_every_plot(opened: Any):
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.locator(".plot .main-svg").count() >= 5
    for name in ("histogram", "calibration", "embedding", "layers", "errors", "curve0"):
        box = opened.locator(f"#{name}").bounding_box()
        assert box["width"] > 250 and box["height"] > 80
        drawn = opened.locator(f"#{name} .main-svg").first.bounding_box()
        assert drawn["width"] <= box["width"] + 1


def test_no_button_uploads_a_plot(opened: Any):
    titles = opened.eval_on_selector_all(".modebar-btn", "buttons => buttons.map((one) => one.dataset.title)")
    assert {"Zoom", "Pan"} <= set(titles) and not any("hare" in title for title in titles)


def test_frames_are_filtered_and_shown_large_by_keyboard(opened: Any):
    assert opened.locator(".frame").count() == 30
    opened.select_option("#which", "wrong")
    assert opened.locator(".frame").count() == 1
    assert opened.locator("#count").inner_text() == "1 of 30 frames, 1 of them wrong on the camera"
    opened.locator(".frame").focus()
    opened.keyboard.press("Enter")
    assert "<b>spot</b>" in opened.locator("#one table").inner_text()
    opened.keyboard.press("h")
    assert opened.locator("#one canvas").is_visible()
    opened.keyboard.press("Escape")
    assert not opened.locator("#one").is_visible()


def test_a_cell_of_the_confusion_shows_its_frames(opened: Any):
    opened.click(".confusion button[data-truth=bar][data-answer=bar]")
    assert opened.locator(".frame").count() == 9


def test_pointing_at_the_map_shows_the_frame(opened: Any):
    opened.locator("#embedding").scroll_into_view_if_needed()
    opened.locator("#embedding .points path").first.hover(force=True)
    opened.wait_for_selector("#hovered img:not([hidden])")
    opened.select_option("#colour", "result")
    assert "wrong" in opened.locator("#embedding .legend").text_content()


def test_light_and_dark_and_on_paper(opened: Any, material: Material):
    def ground() -> str:
        return opened.evaluate("getComputedStyle(document.body).backgroundColor")

    light = ground()
    opened.click("#theme")
    assert ground() != light
    opened.emulate_media(media="print")
    assert not opened.locator("header").is_visible() and opened.locator("h1").is_visible()


def test_without_a_time_the_page_says_unknown(material, tmp_path):
    page = written(dataclasses.replace(material, device=verified(milliseconds=None)), tmp_path)
    assert "<dt>one frame</dt><dd>unknown</dd>" in page


def test_frames_that_the_teacher_labelled_are_told(material, tmp_path):
    write_page(tmp_path / "a.html", material)
    assert "12 + " in (tmp_path / "a.html").read_text()
    assert "7 more trained, by what the teacher takes them for" in (tmp_path / "a.html").read_text()
    write_page(tmp_path / "b.html", dataclasses.replace(material, taught=0))
    assert "more trained" not in (tmp_path / "b.html").read_text()
