import pytest
from pydantic import BaseModel

from tinyinspect.errors import InputError
from tinyinspect.files import complete_file, complete_folder, read_json, write_json


class Fact(BaseModel):
    name: str
    sizes: list[int]


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


def test_a_typed_file_comes_back(tmp_path):
    write_json(Fact(name="größer", sizes=[1, 2]), tmp_path / "deep" / "fact.json")
    assert read_json(tmp_path / "deep" / "fact.json", Fact, "make it anew") == Fact(name="größer", sizes=[1, 2])
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["fact.json"]
    assert "größer" in (tmp_path / "deep" / "fact.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, r"fact\.json is missing; run it again$"),
        (b"{", r"of another version or damaged \(at its start: .*\); run it again$"),
        (b"", r"of another version or damaged \(at its start: .*\); run it again$"),
        (b"\xff\xfe", r"of another version or damaged \(at its start: .*\); run it again$"),
        (b"[]", r"of another version or damaged \(at its start: .*\); run it again$"),
        (b'{"name": "a"}', r"damaged \(at sizes: Field required\); run it again$"),
        (b'{"name": "a", "sizes": [1, "b"]}', r"damaged \(at sizes\.1: .*\); run it again$"),
    ],
)
def test_a_file_that_is_not_what_it_must_be_is_one_sentence(tmp_path, content, said):
    if content is not None:
        (tmp_path / "fact.json").write_bytes(content)
    with pytest.raises(InputError, match=said) as caught:
        read_json(tmp_path / "fact.json", Fact, "run it again")
    assert "\n" not in str(caught.value)


def test_a_folder_in_the_place_of_a_file_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\); run it again$"):
        read_json(tmp_path, Fact, "run it again")
