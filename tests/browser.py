"""Headless Chromium, for tests of pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of Playwright; without one the test is skipped, or fails where it is insisted on."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        assert os.environ.get("TINYINSPECT_REQUIRE_BROWSER") != "1", "there is no Chromium"
        pytest.skip("no Chromium on this machine")
    playwright.expect.set_options(timeout=60_000)  # what a page asks for may load a library first, on a busy machine
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
