from pathlib import Path

from tinyinspect.labelling.annotation_file import Entry
from tinyinspect.labelling.journal import Change, Journal, Step

CHANGE = Change("labels.csv", "a.avi", 3, None, Entry("góod", "Ann", "now"))


def test_steps_come_back_as_they_were(tmp_path: Path) -> None:
    step = Step("label", "Ann", "now", [("a.avi", 3)], [CHANGE], "key")
    Journal(tmp_path / "j.jsonl").begin(step)
    journal = Journal(tmp_path / "j.jsonl")
    assert journal.steps == journal.unfinished == [step]
    journal.finish(step)
    assert Journal(tmp_path / "j.jsonl").unfinished == []


def test_a_line_cut_short_counts_as_not_written(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    first, second = (Step("label", "Ann", at, [("a.avi", 3)], [CHANGE]) for at in ("1", "2"))
    Journal(path).begin(first)
    whole = path.read_bytes()
    Journal(path).begin(second)
    for length in range(len(whole) + 1, path.stat().st_size - 1, 7):
        torn = tmp_path / f"{length}.jsonl"
        torn.write_bytes(path.read_bytes()[:length])
        assert Journal(torn).steps == [first]
        Journal(torn).begin(second)
        assert Journal(torn).steps == [first, second]


def test_changes_are_taken_back_by_their_reverse() -> None:
    assert CHANGE.reversed() == Change("labels.csv", "a.avi", 3, CHANGE.after, None)
    assert CHANGE.reversed().reversed() == CHANGE
