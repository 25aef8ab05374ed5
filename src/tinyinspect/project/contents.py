"""What a person brings into a line: recordings, photos and labels. It is added to what is there, which stays."""

import filecmp
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tinyinspect.errors import InputError, refuse
from tinyinspect.labelling.merging import merge_tables, statements
from tinyinspect.labelling.typed_labels import keep_typed_labels
from tinyinspect.project.git import commit, dvc
from tinyinspect.project.overrides import Settings, settings
from tinyinspect.project.own import has_classes, write_own
from tinyinspect.recordings.find import survey
from tinyinspect.recordings.photos import no_photos, photo_sources
from tinyinspect.recordings.tree import named, walk
from tinyinspect.selection.annotations import BAD_FRAME, annotation_files
from tinyinspect.selection.dataset import LIST
from tinyinspect.selection.spelling import RecordingNames, folded
from tinyinspect.selection.tables import is_table

VIDEOS, PHOTOS, ANNOTATIONS = Path("data/videos"), Path("photos"), Path("annotations")
TYPED = Path("to_annotate") / LIST


@dataclass(frozen=True)
class Brought:
    """What a person gives.

    Attributes:
        videos: folder of recordings, or None.
        photos: folder of everyday photos, for a gate, or None.
        annotations: tables of labels.
        overrides: ``key=value`` each.
        link: the working copy shares its recordings with DVC's cache, instead of holding them once more.
    """

    videos: Path | None = None
    photos: Path | None = None
    annotations: list[Path] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)
    link: bool = True


def labels_beside(recordings: Path) -> list[Path]:
    """The tables of labels in a folder of recordings: ``annotations.csv``, or those in ``annotations/``.

    Raises:
        InputError: There is a table of another name alone, whose labels nobody would read.
    """
    tables = annotation_files(recordings)
    named = [path for path in tables if path.stem.casefold() == "annotations"]
    found = named or annotation_files(recordings / "annotations")
    if tables and not found:
        raise InputError(f"{tables[0]} looks like a table of labels; name it annotations.csv, or move it away")
    return found


def require_readable(brought: Brought, conf: Path) -> None:
    """Raise where something that is given is not what it should be, before anything is made.

    Raises:
        InputError: There are no recordings or photos where they should be, or an override is wrong.
    """
    if brought.videos is not None and not (brought.videos.is_dir() and survey(brought.videos).recordings):
        raise InputError(f"{brought.videos} holds no recordings; put at least one video there")
    if brought.photos is not None and not (brought.photos.is_dir() and photo_sources(brought.photos)):
        raise InputError(f"{brought.photos} holds no photos; put at least one JPEG or PNG there")
    for path in brought.annotations:
        if not path.is_file() or not is_table(path):
            raise InputError(f"{path} is no table of labels; give a CSV file with the columns video, frame, label")
    settings(brought.overrides, conf)


def bring_in(root: Path, brought: Brought) -> list[str]:
    """Add recordings, photos, labels and settings to a line.

    Args:
        root: of the line.
        brought: what to add.

    Returns:
        Sentences on what was added.

    Raises:
        InputError: Something cannot be read, contradicts what is there, or has no room on the disk.
    """
    require_readable(brought, root / "conf")
    no_videos = survey(brought.videos).ignored if brought.videos else []
    no_pictures = [path.as_posix() for path in no_photos(brought.photos)] if brought.photos else []
    videos = _new(_places(brought.videos, root / VIDEOS, no_videos), brought.videos)
    loose = brought.photos.resolve().name if brought.photos else ""  # DVC tracks one folder sooner than each photo
    pictures = _places(brought.photos, root / PHOTOS, no_pictures, loose)
    photos = _new(pictures, brought.photos)
    _require_room(root, [*videos, *photos])
    known = RecordingNames([*_recordings(root / VIDEOS), *_recordings(brought.videos)])
    labels = merge_tables(brought.annotations, root / ANNOTATIONS, known)
    _copy(videos)
    _copy(photos)
    write_own(root, settings(brought.overrides, root / "conf"))
    notes = [f"{brought.videos}: left out what is no recording: {named(no_videos)}"] * bool(no_videos)
    notes += [f"{brought.photos}: left out what is no photo: {named(no_pictures)}"] * bool(no_pictures)
    notes += [f"{len(videos)} files of recordings added to {root / VIDEOS}"] * bool(videos)
    notes += [f"{len(photos)} photos added to {root / PHOTOS}"] * bool(photos)
    notes += [f"{labels} frames got a label in {root / ANNOTATIONS}"] * bool(labels)
    notes += _classes(root, known)
    # Also what is there already: an earlier call may have been interrupted before this.
    if brought.videos:
        dvc(root, "add", "data")
    if folders := sorted({place.relative_to(root / PHOTOS).parts[0] for _, place in pictures}):
        dvc(root, "add", *(str(PHOTOS / name) for name in folders))
    return notes


def keep_labels(root: Path) -> bool:
    """Commit the labels of a line as they stand; whether there were any that Git did not hold.

    Raises:
        InputError: As :func:`keep_typed_labels`, for labels in the list of what is still to annotate.
    """
    keep_typed_labels(root / TYPED, root / ANNOTATIONS)
    return commit(root, "Labels", ANNOTATIONS)


def _classes(root: Path, known: RecordingNames) -> list[str]:
    """Where the line names no classes yet, those in its labels; a sentence on them."""
    if has_classes(root):
        return []
    labels: dict[str, str] = {}
    for path in annotation_files(root / ANNOTATIONS):
        for one in statements(path, known):
            labels.setdefault(folded(one.label), one.label)
    found = sorted(label for label in labels.values() if label != BAD_FRAME)
    if not found:
        return ["the classes are not known yet; name them: `tinyinspect add --classes ok,scratched`, or bring labels"]
    if len(found) == 1:
        return [f"all labels are '{found[0]}'; name every class: `tinyinspect add --classes {found[0]},scratched`"]
    write_own(root, Settings(values={"data.classes": found}))
    return [f"classes, read from the labels: {', '.join(found)} (in {root / 'conf/line/own.yaml'})"]


def _recordings(folder: Path | None) -> list[str]:
    return survey(folder).recordings if folder is not None and folder.is_dir() else []


def _places(source: Path | None, target: Path, ignored: list[str], loose: str = "") -> list[tuple[Path, Path]]:
    """Files under ``source``, each with its place under ``target``.

    Those that lie in no sub-folder get one of the name ``loose``.
    """
    if source is None:
        return []
    names = [here / name for here, found in walk(source) for name in found]
    return [
        (source / name, target / (loose if name.parent == Path() else "") / name)
        for name in names
        if name.as_posix() not in ignored
    ]


def _new(places: list[tuple[Path, Path]], source: Path | None) -> list[tuple[Path, Path]]:
    """Files whose places are free; those of others must hold the same."""
    refuse(
        [
            f"{place} is there already and is not the same as {path}; give one another name"
            for path, place in places
            if place.exists() and not filecmp.cmp(path, place, shallow=False)
        ],
        str(source),
    )
    return [(path, place) for path, place in places if not place.exists()]


def _require_room(root: Path, files: Iterable[tuple[Path, Path]]) -> None:
    needed, free = 2 * sum(path.stat().st_size for path, _ in files), shutil.disk_usage(root).free
    if needed > free:
        raise InputError(
            f"{needed / 1e9:.1f} GB are needed, with DVC's cache, and {root.resolve()} has {free / 1e9:.1f} GB left; "
            "make room or choose another disk"
        )


def _copy(files: Iterable[tuple[Path, Path]]) -> None:
    for path, place in files:
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(f".{place.name}.partial")
        try:
            shutil.copy2(path, partial)
            partial.replace(place)
        finally:
            partial.unlink(missing_ok=True)
