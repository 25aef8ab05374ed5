"""The story of docs/tour.md, played: from recordings to a camera's drive, in a browser and on the command line.

The test plays it with small settings, ``scripts/tour_pictures.py`` for the pictures of the documentation.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from tests.cli.running import typed
from tests.labelling.browser import labelling_page
from tinyinspect.deployment.deploy import MARK

ROOT = Path(__file__).parents[1]
CLASSES = ["no_mask", "good", "defective"]
SPLIT = ["data.train_labels=140", "data.test_labels=60", "select.train_frames=140"]
WRONG = (30, 90)  # places in the list where the person presses a wrong key
DESK = {"width": 1280, "height": 800}


@dataclass
class Tour:
    """A line that is made, labelled, trained, corrected, compared and deployed.

    Attributes:
        folder: the line, its remotes and the camera's drive are made in it.
        browser: of Playwright.
        settings: of the line, beside the number of labels.
        shoot: called with a page and a name where the documentation shows a picture.
        said: what each step printed.
    """

    folder: Path
    browser: Any
    settings: list[str]
    shoot: Callable[[Any, str], None] = lambda page, name: None
    said: dict[str, str] = field(default_factory=dict)

    @property
    def expect(self) -> Any:
        """Of Playwright, which waits; imported here, for a machine without it skips the test."""
        from playwright.sync_api import expect

        return expect

    @property
    def line(self) -> Path:
        """The project."""
        return self.folder / "line"

    @cached_property
    def truth(self) -> dict[tuple[str, int], str]:
        """The label of each frame of the embedded recordings."""
        table = pd.read_csv(ROOT / "annotations" / "simulated_line.csv")
        return {(video, int(frame)): label for video, frame, label in table[["video", "frame", "label"]].to_numpy()}

    def run(self, *words: object, at: Path | None = None, fails: bool = False) -> str:
        """Run a command as a person does; what it printed."""
        return typed(*words, at=at or self.line, fails=fails)

    def record(self) -> None:
        """Make a line of recordings; the pipeline stops without labels and has chosen frames."""
        recordings, names = ROOT / "data" / "videos", ",".join(CLASSES)
        given = ["--videos", recordings, "--classes", names, *SPLIT, *self.settings]
        self.said["new"] = self.run("tinyinspect", "new", self.line, *given, at=ROOT)
        self.said["unlabelled"] = self.run("dvc", "repro", fails=True)

    def label(self) -> None:
        """Label every frame with one key, two of them wrongly."""
        with labelling_page(self.line) as (address, _):
            page = self._opened(address)
            frames = _length(page)
            for place in range(frames):
                page.locator("#done", has_text=f"{place + 1} of {frames}, {place} labelled").wait_for()
                if place == frames // 3:
                    self.shoot(page, "label")
                key = CLASSES.index(self.truth[_shown(page)])
                page.keyboard.press(str(1 + (key + (place in WRONG)) % len(CLASSES)))
            page.locator("#end-title", has_text="That was the last frame").wait_for()
            page.close()

    def train(self) -> None:
        """Run the pipeline, commit, and push to remotes of one's own."""
        self.said["train"] = self.run("dvc", "repro")
        self.said["summary"] = self.run("tinyinspect", "summary")
        self.run("git", "init", "--quiet", "--bare", "--initial-branch=main", self.folder / "code.git")
        self.run("git", "remote", "add", "origin", self.folder / "code.git")
        self.run("dvc", "remote", "add", "--default", "ours", self.folder / "store")
        self._commit("First model", "main")

    def look(self) -> str:
        """Open the report; its verdict."""
        page = self._opened((self.line / "models" / "report.html").as_uri())
        verdict = str(page.locator(".verdict h1").inner_text())
        self.shoot(page, "report")
        page.evaluate("document.getElementById('frames').scrollIntoView()")
        page.locator(".frame").first.click()
        page.keyboard.press("h")
        self.expect(page.locator("#one canvas")).to_be_visible()
        self.shoot(page, "frame")
        page.close()
        return verdict

    def fix(self) -> dict[str, int]:
        """Correct the wrong labels: the doubtful ones first, then class by class; how many in which list."""
        found: dict[str, int] = {}
        with labelling_page(self.line) as (address, _):
            page = self._opened(address)
            begin = page.locator("#done").inner_text()
            page.select_option("#order", "errors")
            self.expect(page.locator("#done")).not_to_have_text(begin)
            found["doubtful"] = self._corrected(page)
            page.select_option("#order", "time")
            for label in CLASSES:
                count = page.locator(f".class[data-label={label}] .count").inner_text()
                page.select_option("#label", label)
                self.expect(page.locator("#done")).to_have_text(f"1 of {count}, {count} labelled")
                found[label] = self._corrected(page)
            page.close()
        return found

    def _corrected(self, page: Any) -> int:
        """Go through the list on the page; how many labels were wrong."""
        corrected = 0
        for place in range(1, 1 + _length(page)):
            page.locator("#done", has_text=f"{place} of ").wait_for()
            right, given = self.truth[_shown(page)], page.locator(".class.on").get_attribute("data-label")
            if right != given and not corrected:
                self.shoot(page, "wrong")
            page.keyboard.press("ArrowRight" if right == given else str(1 + CLASSES.index(right)))
            corrected += right != given
        page.locator("#end-title", has_text="That was the last frame").wait_for()
        return corrected

    def train_again(self) -> None:
        """The same pipeline on a branch with the corrected labels."""
        self.run("git", "switch", "--quiet", "--create", "two-labels")
        self.said["diff"] = self.run("git", "diff", "--unified=0", "annotations")
        self.run("dvc", "repro")
        self._commit("Two labels corrected", "two-labels")

    def compare(self) -> str:
        """Both models, on the frames that both were tested on."""
        self.said["compare"] = self.run("tinyinspect", "compare", "main")
        return self.said["compare"]

    def review(self) -> Path:
        """What the pull request's workflow does, in a fresh clone of the branch."""
        clone = self.folder / "review"
        self.run("git", "clone", "--quiet", "--branch", "two-labels", self.folder / "code.git", clone)
        base = self.run("git", "merge-base", "origin/main", "HEAD", at=clone).strip()
        self.run("dvc", "pull", "--allow-missing", at=clone)
        self.run("tinyinspect", "compare", base, "HEAD", "--out", "comparison", at=clone)
        return clone / "comparison"

    def deploy(self) -> Path:
        """Merge, and copy the bundle to the camera's drive."""
        drive = self.folder / "drive"
        drive.mkdir()
        (drive / MARK).touch()
        self.run("git", "switch", "--quiet", "main")
        self.run("git", "merge", "--quiet", "--ff-only", "two-labels")
        self.said["deploy"] = self.run("tinyinspect", "deploy", "--drive", drive)
        return drive

    def _opened(self, address: str) -> Any:
        page = self.browser.new_page(viewport=DESK)
        page.set_default_timeout(180_000)  # a busy machine takes its time
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        return page

    def _commit(self, message: str, branch: str) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--no-verify", "--message", message)
        self.run("git", "push", "--quiet", "origin", f"HEAD:{branch}")
        self.run("dvc", "push")


def _length(page: Any) -> int:
    """Of the list on the page."""
    return int(re.findall(r" of (\d+),", page.locator("#done").inner_text())[0])


def _shown(page: Any) -> tuple[str, int]:
    """Recording and number of the frame on the page."""
    recording, frame = page.locator("#place").inner_text().split(" · ")[:2]
    return recording, int(frame.removeprefix("frame "))
