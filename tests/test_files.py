import pytest

from tinyinspect.files import complete_file, complete_folder


def test_a_file_appears_only_when_the_block_ends_well(tmp_path):
    target = tmp_path / "deep" / "out.txt"
    with pytest.raises(RuntimeError), complete_file(target) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert list(target.parent.iterdir()) == []
    with complete_file(target) as partial:
        partial.write_text("whole")
        assert not target.exists()
    assert [path.name for path in target.parent.iterdir()] == ["out.txt"]
    assert target.read_text() == "whole"


def test_a_failed_folder_leaves_the_earlier_one(tmp_path):
    target = tmp_path / "out"
    with complete_folder(target) as partial:
        (partial / "first").touch()
    with pytest.raises(RuntimeError), complete_folder(target) as partial:
        (partial / "second").touch()
        raise RuntimeError
    assert [path.name for path in target.iterdir()] == ["first"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_new_folder_replaces_what_a_killed_run_left(tmp_path):
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "stale").touch()
    with complete_folder(tmp_path / "out") as partial:
        (partial / "fresh").touch()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["fresh"]
