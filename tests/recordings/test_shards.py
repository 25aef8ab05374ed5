import tarfile

import pytest
import webdataset

from tinyinspect.recordings import shards
from tinyinspect.recordings.decode import Frame
from tinyinspect.recordings.quality import Facts
from tinyinspect.recordings.shards import ShardWriter, shard_stem, table_of

FACTS = Facts(width=160, height=120, quality=None)
FRAMES = [Frame(number, number / 15, bytes([number]) * (500 + number)) for number in range(0, 25, 2)]


def write(folder, recording: str) -> None:
    with ShardWriter(folder, recording) as writer:
        for frame in FRAMES:
            writer.add(frame, FACTS)


@pytest.fixture
def small_shards(monkeypatch):
    monkeypatch.setattr(shards, "_SHARD_FRAMES", 5)


def test_webdataset_and_tarfile_read_the_shards(tmp_path, small_shards):
    write(tmp_path, "line 1/Ä%.avi")
    paths = sorted(tmp_path.glob("*.tar"))
    assert [path.name[-11:] for path in paths] == ["-000000.tar", "-000001.tar", "-000002.tar"]
    samples = list(webdataset.WebDataset([str(path) for path in paths], shardshuffle=False, empty_check=False))
    assert [sample["jpg"] for sample in samples] == [frame.jpeg for frame in FRAMES]
    stem = shard_stem("line 1/Ä%.avi")
    assert [sample["__key__"] for sample in samples] == [f"{stem}/{frame.number:06d}" for frame in FRAMES]
    with tarfile.open(paths[0]) as archive:
        assert {member.mtime for member in archive} == {0}


def test_rows_point_at_the_frames(tmp_path, small_shards):
    write(tmp_path, 'quoted, "name".avi')
    rows = table_of(tmp_path, 'quoted, "name".avi').read_text().splitlines()
    assert len(rows) == len(FRAMES)
    for row, frame in zip(rows, FRAMES, strict=True):
        assert row.startswith(f'"quoted, ""name"".avi",{frame.number},{frame.number / 15:.6f},160,120,,,')
        shard, offset, size = row.split(",")[-3:]
        with (tmp_path / shard).open("rb") as file:
            file.seek(int(offset))
            assert file.read(int(size)) == frame.jpeg


def test_shards_end_at_their_size_too(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "_SHARD_BYTES", 4096)
    write(tmp_path, "A.avi")
    assert all(path.stat().st_size <= 4096 + 1024 for path in tmp_path.glob("*.tar"))
    assert len(list(tmp_path.glob("*.tar"))) > 3


def test_nothing_stays_of_a_recording_that_fails(tmp_path, small_shards):
    with pytest.raises(RuntimeError), ShardWriter(tmp_path, "A.avi") as writer:
        for frame in FRAMES:
            writer.add(frame, FACTS)
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_no_two_recordings_share_a_stem():
    long = "a/" * 60
    names = ["A.avi", "A.mp4", "A/B.avi", "A%2FB.avi", "A_B.avi", f"{long}A.avi", f"{long}B.avi", "ä.avi", "a b.avi"]
    stems = [shard_stem(name) for name in names]
    assert len(set(stems)) == len(names)
    assert all(stem.isascii() and "/" not in stem and len(stem) <= 80 for stem in stems)
    assert stems[0] == "A.avi"
