"""A recording that is extracted in parts gives the bytes and the sentences of one that is extracted whole."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.recordings.test_odd_recordings import B_FRAMES, H264, MJPEG, ODD, REPAIRED, VARIABLE, matroska_times
from tinyinspect.config.extract import Extract
from tinyinspect.recordings.cuts import parts_of
from tinyinspect.recordings.extract import Outcome, extract_recording
from tinyinspect.recordings.parts import extract_part, join_parts, remove_parts
from tinyinspect.recordings.probe import probe
from tinyinspect.recordings.stream import Part

LENGTH = 0.3  # seconds of a part
KEYED = ("-g", "5", "-sc_threshold", "0")
X265 = ("-c:v", "libx265", "-x265-params")
OPEN = "keyint=5:min-keyint=5:open-gop=1:scenecut=0:log-level=error"
CLOSED = "keyint=5:min-keyint=5:no-open-gop=1:scenecut=0:log-level=error"


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def both(tmp_path):
    """both(path, settings): extract in parts and whole; the parts, their outcomes, the outcome of all."""

    def both(path: Path, settings: Extract) -> tuple[list[Part], list[Outcome | None], Outcome]:
        videos, probed = path.parent, Outcome(path.name, stream=probe(path))
        whole, cut = tmp_path / "whole", tmp_path / "cut"
        parts = parts_of(path, probed.stream, LENGTH)
        for folder in (whole, cut):
            folder.mkdir()
        with ThreadPoolExecutor(2) as pool:
            expected = extract_recording(videos, whole, settings, pool, lambda: None, replace(probed))
            found = [extract_part(videos, cut, settings, pool, probed, part) for part in reversed(parts)][::-1]
            if parts:
                joined = join_parts(videos, cut, settings, pool, probed, list(zip(parts, found, strict=True)))
                remove_parts(cut)
                assert joined == expected
                assert bytes_in(cut) == bytes_in(whole)
        return parts, found, expected

    return both


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.avi", MJPEG),
        ("a.mkv", MJPEG),
        ("a.mov", MJPEG),
        ("a.mp4", (*H264, *KEYED)),
        ("a.mp4", (*B_FRAMES, *KEYED)),
        ("a.mkv", (*B_FRAMES, *KEYED)),
        ("a.mp4", (*B_FRAMES, *KEYED, "-movflags", "frag_keyframe+empty_moov")),
        ("a.flv", (*B_FRAMES, *KEYED)),
        ("a.mp4", (*X265, CLOSED)),
        ("a.mkv", (*X265, CLOSED)),
        ("a.mkv", (*H264, *KEYED, *VARIABLE)),
        ("a.avi", (*MJPEG, *VARIABLE)),
    ],
)
@pytest.mark.parametrize(
    "changes", [{}, {"fps": 4, "crop": [10, 10, 80, 60]}, {"near_duplicate_bits": 12}], ids=["all", "fewer", "unlike"]
)
def test_parts_give_the_bytes_of_the_whole(name, options, changes, film, settings, both, tmp_path):
    parts, found, _ = both(film(tmp_path / "videos" / name, *options), settings(**changes))
    assert len(parts) > 2
    assert None not in found


def test_sharpness_counts_once(film, settings, both, tmp_path):
    path = film(tmp_path / "videos" / "a.avi", "-vf", "gblur=sigma=6:enable='lt(n,10)'", *MJPEG)
    parts, _, outcome = both(path, settings(min_sharpness=300))
    assert len(parts) > 2 and outcome.blurred == 10


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_odd_recordings_are_as_they_are_whole(odd, film, settings, both, tmp_path):
    path = film(tmp_path / "videos" / odd.name, *odd.options, "-g", "5")
    path.write_bytes(odd.spoil(path.read_bytes()))
    both(path, settings())


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.avi", (*H264, *KEYED)),  # does not tell when a frame is shown
        ("a.mjpg", (*MJPEG, "-f", "mjpeg")),  # has no times
        ("a.mpg", ("-c:v", "mpeg2video", "-r", "25")),  # of a codec that is not cut
        (
            "a.mkv",
            (*X265, OPEN),
        ),  # frames look back over keys
        ("a.mkv", (*B_FRAMES, "-x264-params", "open-gop=1:keyint=5:min-keyint=5:scenecut=0")),
        ("a.ts", (*H264, "-x264-params", "intra-refresh=1:keyint=5")),  # no picture is whole
    ],
)
def test_what_cannot_be_cut_stays_whole(name, options, film, settings, both, tmp_path):
    parts, _, outcome = both(film(tmp_path / "videos" / name, *options), settings())
    assert not parts and outcome.kept


def test_a_short_recording_stays_whole(recordings):
    path = recordings / "line.avi"
    assert not parts_of(path, probe(path), 1.5)
    assert [part.packets for part in parts_of(path, probe(path), 1)] == [15, 15]


def test_a_recording_whose_parts_were_not_foreseen_is_read_whole(film, settings, both, tmp_path):
    """Two frames at one time: only the reader knows that it repairs the second."""
    path = film(tmp_path / "videos" / "a.mkv", *B_FRAMES, *KEYED)
    path.write_bytes(matroska_times(lambda n, ms: ms + 67 if n == 21 else ms)(path.read_bytes()))
    parts, found, outcome = both(path, settings())
    assert len(parts) > 2 and None in found
    assert REPAIRED.split("{")[0][:20] in outcome.warnings[0]


def test_damaged_frames_are_left_out_of_their_part(damaged_avi, settings, both):
    parts, found, outcome = both(damaged_avi, settings())
    assert len(parts) > 2 and None not in found
    assert (outcome.kept, outcome.damaged) == (29, 1)


def test_damaged_data_makes_a_recording_whole(film, settings, both, tmp_path):
    path = film(tmp_path / "videos" / "a.mp4", *H264, *KEYED, "-movflags", "+faststart")
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 200] = bytes(200)
    path.write_bytes(content)
    parts, found, outcome = both(path, settings())
    assert len(parts) > 2 and None in found and outcome.warnings
