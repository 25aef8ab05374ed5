"""Play the story of docs/tour.md on the embedded recordings, and write its pictures to docs/tour/ and its outputs.

    dvc pull data.dvc && python scripts/tour_pictures.py [KEY=VALUE]...

Settings are those of the line, for a shorter play. A Chromium is needed.
"""

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import chromium  # noqa: E402
from tests.tour import Tour  # noqa: E402

PICTURES, QUALITY = ROOT / "docs" / "tour", 80


def shoot(page: Any, name: str) -> None:
    """Write what a page shows."""
    page.wait_for_load_state("networkidle")
    write(Image.open(io.BytesIO(page.screenshot())), name)


def write(picture: Image.Image, name: str) -> None:
    """Write a picture as it is on the screen."""
    PICTURES.mkdir(exist_ok=True)
    picture.convert("RGB").save(PICTURES / f"{name}.jpg", quality=QUALITY, optimize=True)


def main() -> None:
    """Play it."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        tour = Tour(Path(folder), browser, sys.argv[1:], shoot)
        tour.record()
        tour.label()
        tour.train()
        print(tour.look())
        print("corrected:", tour.fix())
        tour.train_again()
        tour.compare()
        if (sheet := tour.review() / "frames.jpg").exists():
            write(Image.open(sheet), "changed")
        tour.deploy()
        for name, text in tour.said.items():
            print(f"----- {name}", text, sep="\n")


if __name__ == "__main__":
    main()
