import os
import shutil

import pytest

from tinyinspect.errors import InputError
from tinyinspect.recordings.extract import extract_recordings
from tinyinspect.recordings.store import FrameStore


@pytest.fixture
def videos(recordings, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(recordings, tmp_path / "videos", dirs_exist_ok=True)


@pytest.fixture
def frames(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    return folder


def test_all_frames_in_order_of_recording_then_frame(videos, frames, settings):
    (videos / "sub").mkdir()
    shutil.copy(videos / "line.avi", videos / "sub" / "B.AVI")
    outcomes = extract_recordings(videos, frames, settings())
    assert [(outcome.recording, outcome.kept) for outcome in outcomes] == [
        ("line.avi", 30),
        ("line.mp4", 30),
        ("sub/B.AVI", 30),
    ]
    store = FrameStore(frames)
    assert list(zip(store.index["recording"], store.index["frame"], strict=True)) == [
        (outcome.recording, number) for outcome in outcomes for number in range(30)
    ]
    assert sorted(path.name for path in frames.iterdir()) == [
        "index.csv",
        "line.avi-000000.tar",
        "line.mp4-000000.tar",
        "sub%2FB.AVI-000000.tar",
    ]
    assert [store.jpeg(row) for row in range(30)] == [store.jpeg(row) for row in range(60, 90)]


def test_the_same_recordings_give_the_same_bytes(videos, tmp_path, settings):
    contents = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        extract_recordings(videos, folder, settings())
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]


@pytest.mark.parametrize("quality", [True, False])
def test_a_damaged_frame_is_left_out_and_counted(quality, damaged_avi, frames, settings):
    [outcome] = extract_recordings(damaged_avi.parent, frames, settings(quality=quality))
    assert (outcome.kept, outcome.damaged) == (29, 1)
    assert outcome.warnings == [f"{damaged_avi} has 1 damaged of 30 frames, which were left out; check the card"]
    assert list(FrameStore(frames).index["frame"]) == [number for number in range(30) if number != 10]


def spoil(videos) -> None:
    (videos / "empty.mov").touch()
    (videos / "text.mp4").write_text("no video")
    (videos / "dead.mkv").symlink_to(videos / "nowhere.mkv")


def test_bad_recordings_are_skipped_with_a_reason(videos, frames, settings):
    spoil(videos)
    outcomes = extract_recordings(videos, frames, settings())
    errors = {outcome.recording: outcome.error for outcome in outcomes if outcome.error}
    assert errors.keys() == {"dead.mkv", "empty.mov", "text.mp4"}
    assert all(str(videos / name) in error and "\n" not in error for name, error in errors.items())
    assert set(FrameStore(frames).index["recording"]) == {"line.avi", "line.mp4"}


def test_or_refused(videos, frames, settings):
    spoil(videos)
    with pytest.raises(InputError, match=r"dead.mkv is a link to .*, or set extract.bad_recording to skip"):
        extract_recordings(videos, frames, settings(bad_recording="refuse"))


def test_no_usable_recording_always_fails(tmp_path, frames, settings):
    videos = tmp_path / "videos"
    videos.mkdir()
    for number in range(5):
        (videos / f"{number}.avi").touch()
    with pytest.raises(InputError, match=r"no recording in .* can be used: .*0.avi is empty.*2.avi is .*; and 2 more"):
        extract_recordings(videos, frames, settings())


def test_a_recording_that_vanishes_while_others_are_read(videos, frames, settings, monkeypatch):
    listed = ["gone.avi", "line.avi"]
    monkeypatch.setattr("tinyinspect.recordings.extract.find_recordings", lambda folder: listed)
    outcomes = extract_recordings(videos, frames, settings())
    assert outcomes[0].error == f"{videos / 'gone.avi'} is gone; put it back or take it out of the recordings"
    assert outcomes[1].kept == 30


def test_a_cut_recording_gives_its_frames_with_a_warning(videos, frames, settings):
    content = (videos / "line.mp4").read_bytes()
    (videos / "line.mp4").write_bytes(content[: len(content) * 2 // 3])
    outcome = extract_recordings(videos, frames, settings())[1]
    assert 10 < outcome.kept < 30
    assert outcome.warnings[0].startswith(f"{videos / 'line.mp4'} is damaged or cut off (")


def test_raw_motion_jpeg_warns_of_its_times(videos, frames, settings, rewrap):
    rewrap(videos / "line.avi", videos / "raw.mjpeg")
    outcome = extract_recordings(videos, frames, settings())[2]
    assert outcome.warnings == [f"{videos / 'raw.mjpeg'} holds no timestamps; its times assume 25 frames per second"]


def test_near_duplicates_of_the_last_frame_kept_are_dropped(film, tmp_path, frames, settings):
    # One second still, one second moving.
    film(tmp_path / "videos" / "A.avi", "-vf", "tpad=start=15:start_mode=clone,trim=end_frame=30", "-c:v", "mjpeg")
    [outcome] = extract_recordings(tmp_path / "videos", frames, settings(near_duplicate_bits=0))
    index = FrameStore(frames).index
    assert outcome.near_duplicates >= 15
    assert outcome.kept + outcome.near_duplicates == 30
    assert list(index["frame"][:1]) == [0]
    assert index["frame"][1] > 15
    assert (index["hash"] != index["hash"].shift()).all()


def test_blurred_frames_are_dropped(film, tmp_path, frames, settings):
    film(tmp_path / "videos" / "A.avi", "-vf", "gblur=sigma=6:enable='lt(n,10)'", "-c:v", "mjpeg")
    [outcome] = extract_recordings(tmp_path / "videos", frames, settings(min_sharpness=300))
    assert outcome.blurred == 10
    assert FrameStore(frames).index["frame"].min() == 10


def test_filters_that_keep_nothing_or_lack_quality(videos, frames, settings):
    with pytest.raises(InputError, match=r"filters left no frame .* lower extract.min_sharpness"):
        extract_recordings(videos, frames, settings(min_sharpness=1e9))
    with pytest.raises(InputError, match=r"need extract.quality; set it to true"):
        extract_recordings(videos, frames, settings(min_sharpness=1, quality=False))


def test_no_frame_is_told_as_such(videos, frames, settings, film):
    film(videos / "zero.avi", "-c:v", "mjpeg", "-t", "0")
    outcome = extract_recordings(videos, frames, settings())[2]
    assert (
        outcome.error == f"{videos / 'zero.avi'} holds no frame; record or copy it anew, or take it out of the folder"
    )


def test_pictures_above_the_limit_are_refused(videos, frames, settings):
    with pytest.raises(InputError, match=r"160x120, 0 megapixels, more than extract.max_megapixels 0.01; record"):
        extract_recordings(videos, frames, settings(max_megapixels=0.01))


def test_a_name_that_is_not_utf8_loses_no_other_recording(videos, frames, settings):
    bad = os.fsdecode(b"caf\xe9.avi")
    shutil.copy(videos / "line.avi", videos / bad)
    outcomes = {outcome.recording: outcome for outcome in extract_recordings(videos, frames, settings())}
    assert outcomes[bad].error == f"{videos}/caf\\xe9.avi: its name is not UTF-8, so no table can hold it; rename it"
    assert set(FrameStore(frames).index["recording"]) == {"line.avi", "line.mp4"}
