import os

import pytest

from tinyinspect.errors import InputError
from tinyinspect.recordings.find import SUFFIXES, find_recordings, ignored_sentence, survey


@pytest.fixture
def videos(tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    return folder


def put(folder, *names) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_finds_all_kinds_in_subfolders_whatever_the_case(videos):
    names = [f"a{suffix}" for suffix in SUFFIXES] + ["B.MJPEG", "d.MOV", "line 1/A.avi"]
    put(videos, *names, "notes.txt", "._A.avi", ".hidden/A.avi")
    assert find_recordings(videos) == sorted(names)
    assert survey(videos).ignored == ["notes.txt"]


def test_a_folder_of_pictures_is_a_recording(videos):
    put(videos, "day/2.jpg", "day/10.PNG", "day/notes.txt", "mixed/a.avi", "mixed/a.jpg", "loose.jpg")
    found = survey(videos)
    assert found.recordings == ["day", "mixed/a.avi"]
    assert found.ignored == ["day/notes.txt", "loose.jpg", "mixed/a.jpg"]
    assert ignored_sentence(videos, found.ignored) == (
        f"{videos}: ignored what is no recording: day/notes.txt, loose.jpg, mixed/a.jpg; pictures are read where a "
        "subfolder holds them and no video"
    )


def test_folders_are_seen_once_under_their_own_name(videos, tmp_path):
    put(tmp_path, "elsewhere/A.avi", "videos/z/B.avi")
    (videos / "day").symlink_to(tmp_path / "elsewhere")
    (videos / "loop").symlink_to(videos)
    (videos / "a link").symlink_to(videos / "z")
    assert find_recordings(videos) == ["day/A.avi", "z/B.avi"]


def test_what_is_no_regular_file_is_ignored(videos):
    put(videos, "a.avi")
    os.mkfifo(videos / "pipe.avi")
    os.mkfifo(videos / "pipe.jpg")
    assert survey(videos).ignored == ["pipe.avi", "pipe.jpg"]


def test_no_folder_and_no_recording_are_errors(tmp_path):
    with pytest.raises(InputError, match="is missing; make it"):
        find_recordings(tmp_path / "videos")
    put(tmp_path, "a.txt")
    with pytest.raises(InputError, match=r"holds no recording \(3g2, 3gp, .*wmv, or a subfolder of pictures\).*a\.txt"):
        find_recordings(tmp_path)
