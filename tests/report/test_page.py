import re
from html.parser import HTMLParser

import numpy as np
import pytest

from tests.evaluation.shapes import frames
from tinyinspect.evaluation import plots
from tinyinspect.evaluation.histogram import draw_scores
from tinyinspect.evaluation.scored import TestSet
from tinyinspect.report.page import write_page
from tinyinspect.report.table import RUNTIMES
from tinyinspect.tasks.classifier import wording
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.measures import score

LIMITS = ScoreLimits(temperature=1, min_score=0.5, unsure_below=0.5, held_out=9, error_rate=0, counted=1)
CLASSES = ["bar", "<b>spot</b>", "None"]  # names are text, whatever they look like


class Page(HTMLParser):
    """Collects the tables' cells and what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.sources: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for name, value in attrs if name in {"src", "href", "xlink:href"} and value]
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data):
        if self.tags and self.tags[-1] == "td":
            self.cells[-1] += data.strip()


def written(folder):
    test_frames = frames(10, seed=2)
    logits = np.eye(3, dtype=np.float32)[test_frames.labels]
    logits[0] = [0, 1, 0]
    outputs = dict.fromkeys(RUNTIMES, logits)
    plots.write_confusions(folder / "plots" / "confusion", outputs, test_frames.labels, CLASSES)
    scored = score(outputs, TestSet(test_frames, CLASSES, np.full(30, ""), np.zeros(30, bool)), LIMITS, 0)
    found = plots.mistakes(test_frames, logits, scored.scores["tflite_micro"], CLASSES)
    plots.write_mistakes(folder / "plots" / "misclassified.jpg", found, 30)
    draw_scores(scored, folder / "plots" / "scores.png")
    curves = {"train/loss": [(0, 1.0), (1, 0.5)], "validation/loss": [(0, 1.1), (1, 0.6)], "pretrain/loss": [(1, 4.0)]}
    write_page(folder / "report.html", scored.metrics, wording, curves, folder / "plots")
    return (folder / "report.html").read_text()


@pytest.fixture
def page(tmp_path):
    return written(tmp_path)


def test_the_same_results_give_the_same_page(tmp_path):
    assert written(tmp_path / "a") == written(tmp_path / "b")


def test_the_page_is_self_contained(page):
    parsed = Page()
    parsed.feed(page)
    assert parsed.sources
    assert all(source.startswith(("data:", "#")) for source in parsed.sources)
    assert not {"script", "link", "iframe"} & set(parsed.tags)
    assert "@import" not in page


def test_the_page_shows_every_runtime_and_its_confusions(page):
    parsed = Page()
    parsed.feed(page)
    for title in RUNTIMES.values():
        assert title in parsed.cells
    # 3x3 of each runtime, after the table of one name and five measures a runtime.
    assert parsed.cells[5 * 6 :] == ["9", "1", "0", "0", "10", "0", "0", "0", "10"] * 5


def test_class_names_are_text_not_markup(page):
    assert "&lt;b&gt;spot" in page
    assert "<b>" not in page


def test_losses_are_drawn(page):
    assert page.count("<svg") == 1
    assert re.search(r"<!-- pretraining -->", page)
