import os
import re

import pytest

from tinyinspect.errors import InputError
from tinyinspect.recordings.probe import probe


def test_stream_of_motion_jpeg_is_copied_and_of_h264_is_not(recordings):
    copied = probe(recordings / "line.avi")
    assert (copied.codec, copied.width, copied.height, copied.copies, copied.timed) == ("mjpeg", 160, 120, True, True)
    decoded = probe(recordings / "line.mp4")
    assert (decoded.codec, decoded.copies) == ("h264", False)


def test_rotation_turns_the_size_and_forbids_copying(recordings, rewrap, tmp_path):
    turned = probe(rewrap(recordings / "line.avi", tmp_path / "turned.mov", "-display_rotation", "90"))
    assert (turned.width, turned.height, turned.copies) == (120, 160, False)
    upside_down = probe(rewrap(recordings / "line.avi", tmp_path / "down.mov", "-display_rotation", "180"))
    assert (upside_down.width, upside_down.height, upside_down.copies) == (160, 120, False)


def test_raw_motion_jpeg_has_no_times(recordings, rewrap, tmp_path):
    raw = probe(rewrap(recordings / "line.avi", tmp_path / "raw.mjpeg"))
    assert raw.copies
    assert not raw.timed


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty; record or copy it anew"),
        (b"This is a text.\n", "cannot be read as a video"),
        (bytes(50_000), "cannot be read as a video"),
        (os.urandom(50_000), "cannot be read as a video"),
        # A playlist must not make FFmpeg open other files.
        (b"ffconcat version 1.0\nfile 'other.avi'\n", "cannot be read as a video"),
        (b"#EXTM3U\n#EXTINF:1,\nother.avi\n", "cannot be read as a video"),
    ],
    ids=["empty", "text", "zeros", "noise", "concat", "playlist"],
)
@pytest.mark.parametrize("suffix", ["avi", "mp4", "mkv", "mjpeg"])
def test_what_is_no_video_is_one_sentence(content, reason, suffix, tmp_path):
    path = tmp_path / f"bad.{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        probe(path)
    assert re.match(rf"{re.escape(str(path))} {reason}", str(error.value))
    assert "\n" not in str(error.value)


def test_cut_before_its_index(recordings, rewrap, tmp_path):
    whole = rewrap(recordings / "line.mp4", tmp_path / "whole.mp4").read_bytes()  # the index stands at its end
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cut\.mp4 cannot be read as a video \(moov atom not found\); record or copy"):
        probe(tmp_path / "cut.mp4")


def test_gone_linked_to_nothing_or_locked(tmp_path):
    with pytest.raises(InputError, match="is gone; put it back"):
        probe(tmp_path / "gone.avi")
    (tmp_path / "link.avi").symlink_to(tmp_path / "gone.avi")
    with pytest.raises(InputError, match="is a link to a file that does not exist"):
        probe(tmp_path / "link.avi")
    locked = tmp_path / "locked.avi"
    locked.write_bytes(b"RIFF")
    locked.chmod(0)
    if not os.access(locked, os.R_OK):  # root reads everything
        with pytest.raises(InputError, match=r"cannot be opened \(Permission denied\)"):
            probe(locked)


def test_sound_alone_is_no_recording(film, tmp_path):
    path = film(tmp_path / "sound.mp4", source="sine=duration=1")
    with pytest.raises(InputError, match="holds no video stream; take it out"):
        probe(path)
