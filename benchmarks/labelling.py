"""How long the labelling page takes on the embedded recordings: to its first frame, and for each of 200 labels.

    dvc repro select_frames && python benchmarks/labelling.py

Keys are pressed by a program as soon as the next frame is on the screen. The page's own time runs, within the page,
from a key to the next frame, saved and drawn; the whole adds the program that presses. Labels go to a temporary folder.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import chromium  # noqa: E402
from tests.labelling.browser import labelling_page  # noqa: E402

LABELS = 200
WATCH = """addEventListener("DOMContentLoaded", () => {
    window.taken = [];
    let pressed = 0;
    addEventListener("keydown", () => { pressed = performance.now(); }, true);
    const note = () => { if (pressed) { taken.push(performance.now() - pressed); pressed = 0; } };
    new MutationObserver(note).observe(document.getElementById("done"), { childList: true });
});"""
USED = ("frames", "embeddings", "selection", "models", "params.yaml")


def main() -> None:
    """Label, measure and print."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        for part in USED:
            (project / part).symlink_to(ROOT / part)
        begin = time.perf_counter()
        with chromium() as browser, labelling_page(project) as (address, _):
            command = time.perf_counter()
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.add_init_script(WATCH)
            page.goto(address)
            page.wait_for_selector("body[data-ready]")
            shown = page.evaluate("performance.getEntriesByName(document.getElementById('picture').src)[0].responseEnd")
            begun = time.perf_counter()
            for number in range(LABELS):
                page.keyboard.press(str(1 + number % 3))
                page.locator("#done", has_text=f"{number + 2} of ").wait_for()
            whole = time.perf_counter() - begun
            taken = page.evaluate("taken")
        saved = len((project / "annotations" / "labels.csv").read_text().splitlines()) - 1
    print(f"command to address     {1000 * (command - begin):6.0f} ms")
    print(f"address to first frame {shown:6.0f} ms")
    middle, slow = np.percentile(taken, [50, 95])
    print(f"page's time a label    {middle:6.0f} ms median, {slow:.0f} ms at the 95th percentile")
    print(f"{LABELS} labels             {whole:6.1f} s in all; {saved} saved")


if __name__ == "__main__":
    main()
