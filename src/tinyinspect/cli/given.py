"""What the commands ``new``, ``add`` and ``real`` are given, put together."""

import json
from pathlib import Path

from tinyinspect.project.contents import Brought


def brought(
    videos: Path | None,
    photos: Path | None,
    annotations: list[Path] | None,
    classes: str | None,
    board: str | None,
    overrides: list[str] | None,
    link: bool = True,
) -> Brought:
    """The same as one thing; ``classes`` stand between commas."""
    words = list(overrides or [])
    if classes is not None:
        names = [name.strip() for name in classes.split(",") if name.strip()]
        words.append(f"data.classes={json.dumps(names, ensure_ascii=False)}")  # which is YAML, whatever they hold
    if board is not None:
        words.append(f"board={board}")
    return Brought(
        videos=videos and videos.expanduser(),
        photos=photos and photos.expanduser(),
        annotations=[path.expanduser() for path in annotations or []],
        overrides=words,
        link=link,
    )
