"""What the commands ``new``, ``add`` and ``real`` are given, put together."""

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
    """The same as one thing; ``classes`` stand between commas, and brackets around them do no harm."""
    words = list(overrides or [])
    if classes is not None:
        words.append(f"data.classes=[{classes.strip().removeprefix('[').removesuffix(']')}]")
    if board is not None:
        words.append(f"board={board}")
    return Brought(
        videos=videos and videos.expanduser(),
        photos=photos and photos.expanduser(),
        annotations=[path.expanduser() for path in annotations or []],
        overrides=words,
        link=link,
    )
