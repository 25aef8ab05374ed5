import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.labelling.conftest import CLASSES, open_book
from tinyinspect.errors import InputError
from tinyinspect.labelling.annotation_file import Entry
from tinyinspect.labelling.journal import Change, Journal, Step
from tinyinspect.labelling.label_book import LabelBook
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import read_annotations

HEADER = "video,frame,label,split,by,at\n"


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((folder / "annotations").glob("*.csv"))}


def write(folder: Path, **texts: str) -> None:
    (folder / "annotations").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "annotations" / f"{name}.csv").write_text(text)


def labels_of(folder: Path) -> dict[tuple[str, int], str]:
    table = read_annotations(folder / "annotations", CLASSES)
    return {(str(one.recording), int(one.frame)): str(one.label) for one in table.itertuples()}


def test_new_labels_are_what_the_pipeline_reads(book: LabelBook, tmp_path: Path) -> None:
    for row, label in {14: "defective", 2: "good", 25: "good"}.items():
        book.label({row: label}, how="key")
    rows = [line.split(",") for line in files(tmp_path)["labels.csv"].splitlines()[1:]]
    assert [row[:5] for row in rows] == [
        ["b.avi", "2", "defective", "", "Ann"],
        ["c.avi", "5", "good", "", "Ann"],
        ["day/a.avi", "2", "good", "", "Ann"],
    ]
    assert all(len(row[5]) == len("2026-01-01T00:00:00Z") for row in rows)
    assert labels_of(tmp_path) == {("day/a.avi", 2): "good", ("b.avi", 2): "defective", ("c.avi", 5): "good"}
    assert book.counts["good"] == 2 and book.counts[""] == 23


def test_a_correction_edits_the_row_where_it_stands(tmp_path: Path, store: FrameStore) -> None:
    write(tmp_path, old="video,frame,label,split\nday/a.avi,1,good,test\nb.avi,0,good,\n")
    book = open_book(tmp_path, store)
    book.label({1: "defective"}, how="key")
    assert files(tmp_path) == {"old.csv": "video,frame,label,split\nday/a.avi,1,defective,test\nb.avi,0,good,\n"}
    book.label({1: "defective"}, how="key")  # confirmed: nothing to write
    assert files(tmp_path) == {"old.csv": "video,frame,label,split\nday/a.avi,1,defective,test\nb.avi,0,good,\n"}


def test_an_empty_row_of_a_list_stays_and_the_label_has_who_and_when(tmp_path: Path, store: FrameStore) -> None:
    write(tmp_path, unsure="video,frame,label,score_good\nday/a.avi,1,,0.55\n")
    book = open_book(tmp_path, store)
    assert np.flatnonzero(book.unsure).tolist() == [1]
    book.label({1: "good"}, how="key")
    assert files(tmp_path)["unsure.csv"] == "video,frame,label,score_good\nday/a.avi,1,,0.55\n"
    assert files(tmp_path)["labels.csv"].startswith(HEADER + "day/a.avi,1,good,,Ann,20")
    assert book.unsure[1]


def test_undo_goes_back_any_number_of_steps_over_a_restart(tmp_path: Path, store: FrameStore) -> None:
    write(tmp_path, old="video,frame,label\nday/a.avi,1,good\n")
    before = files(tmp_path)
    first = open_book(tmp_path, store)
    first.label({1: "defective", 2: "good"}, how="grid")
    first.skip(3)
    first.label({3: "good"}, how="key")
    second = open_book(tmp_path, store)
    assert second.labels[[1, 2, 3]].tolist() == ["defective", "good", "good"]
    undone = [second.undo() for _ in range(4)]
    assert [one and one.step.kind for one in undone] == ["label", "skip", "label", None]
    assert files(tmp_path) == before
    assert not second.skipped.any()


def test_undo_shows_a_skipped_frame_as_skipped_again(book: LabelBook, tmp_path: Path, store: FrameStore) -> None:
    book.skip(3)
    book.label({3: "good"}, how="key")
    assert not book.skipped[3]
    book.undo()
    assert book.skipped[3] and open_book(tmp_path, store).skipped[3]


def test_undo_leaves_alone_what_somebody_else_changed(book: LabelBook, tmp_path: Path) -> None:
    book.label({1: "good"}, how="key")
    write(tmp_path, labels=HEADER + "day/a.avi,1,defective,,Bo,2030-01-01T00:00:00Z\n")
    undone = book.undo()
    assert undone and undone.kept == [("day/a.avi", 1)]
    assert labels_of(tmp_path) == {("day/a.avi", 1): "defective"}


def test_each_person_undoes_their_own_steps(tmp_path: Path, store: FrameStore) -> None:
    ann, bo = open_book(tmp_path, store), open_book(tmp_path, store, by="Bo")
    ann.label({1: "good"}, how="key")
    bo.label({2: "defective"}, how="key")
    ann.label({3: "good"}, how="key")
    assert labels_of(tmp_path) == {("day/a.avi", 1): "good", ("day/a.avi", 2): "defective", ("day/a.avi", 3): "good"}
    bo.undo()
    assert bo.undo() is None
    assert set(labels_of(tmp_path)) == {("day/a.avi", 1), ("day/a.avi", 3)}


def test_a_file_that_changes_on_disk_is_read_before_it_is_written(book: LabelBook, tmp_path: Path) -> None:
    book.label({1: "good"}, how="key")
    text = files(tmp_path)["labels.csv"]
    write(
        tmp_path,
        labels=text + "day/a.avi,4,defective,,Bo,2026-01-01T00:00:00Z\n",
        more="video,frame,label\nb.avi,0,good\n",
    )
    book.label({2: "good"}, how="key")
    assert labels_of(tmp_path) == {
        ("day/a.avi", 1): "good",
        ("day/a.avi", 2): "good",
        ("day/a.avi", 4): "defective",
        ("b.avi", 0): "good",
    }
    (tmp_path / "annotations" / "more.csv").unlink()
    book.refresh()
    assert book.labels[book.frames.row("b.avi", 0)] == ""


def test_a_broken_file_stops_the_step_and_loses_nothing(book: LabelBook, tmp_path: Path) -> None:
    book.label({1: "good"}, how="key")
    write(tmp_path, broken="frame,label\n")
    with pytest.raises(InputError, match="no column 'video'"):
        book.label({2: "good"}, how="key")
    (tmp_path / "annotations" / "broken.csv").unlink()
    assert labels_of(tmp_path) == {("day/a.avi", 1): "good"}


def test_contradictions_are_told_and_settled(tmp_path: Path, store: FrameStore) -> None:
    write(
        tmp_path,
        ann=HEADER + "day/a.avi,1,good,,Ann,2026-01-01T00:00:00Z\nday/a.avi,2,good,,Ann,2026-01-01T00:00:00Z\n",
        bo=HEADER + "day/a.avi,1,defective,,Bo,2026-01-02T00:00:00Z\nday/a.avi,2,good,,Bo,2026-01-02T00:00:00Z\n",
    )
    book = open_book(tmp_path, store)
    assert np.flatnonzero(book.conflicting).tolist() == [1]
    assert [(one.entry.by, one.entry.label) for one in book.statements(1)] == [("Ann", "good"), ("Bo", "defective")]
    before = files(tmp_path)
    with pytest.raises(InputError, match="keep one of them"):
        labels_of(tmp_path)
    book.label({1: "good"}, how="key")
    assert labels_of(tmp_path)[("day/a.avi", 1)] == "good" and not book.conflicting.any()
    book.undo()
    assert files(tmp_path) == before and book.conflicting[1]
    book.settle_by_time()
    assert labels_of(tmp_path)[("day/a.avi", 1)] == "defective"


def test_rows_that_a_union_merge_left_twice_become_one(tmp_path: Path, store: FrameStore) -> None:
    rows = "day/a.avi,1,good,,Ann,2026-01-01T00:00:00Z\nday/a.avi,1,defective,,Bo,2026-01-02T00:00:00Z\n"
    write(tmp_path, labels=HEADER + rows)
    book = open_book(tmp_path, store)
    book.settle_by_time()
    assert files(tmp_path)["labels.csv"] == HEADER + "day/a.avi,1,defective,,Bo,2026-01-02T00:00:00Z\n"
    book.undo()
    assert sorted(files(tmp_path)["labels.csv"].splitlines()) == sorted((HEADER + rows).splitlines())


def test_git_merges_two_peoples_labels_and_the_book_shows_where_they_differ(tmp_path: Path, store: FrameStore) -> None:
    def git(*command: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch=main")
    (tmp_path / ".gitattributes").write_bytes((Path(__file__).parents[2] / ".gitattributes").read_bytes())
    open_book(tmp_path, store).label({0: "good", 9: "good"}, how="grid")
    git("add", ".gitattributes", "annotations")
    git("commit", "-m", "two labels")
    for name, labels in {"Ann": {3: "good", 4: "good", 5: "good"}, "Bo": {4: "defective", 6: "defective"}}.items():
        git("checkout", "-b", name, "main")
        open_book(tmp_path, store, by=name).label(labels, how="grid")
        git("commit", "-am", name)
    git("merge", "Ann")
    book = open_book(tmp_path, store)
    assert {int(row) for row in np.flatnonzero(book.labelled)} == {0, 3, 4, 5, 6, 9}
    assert np.flatnonzero(book.conflicting).tolist() == [4]
    assert {one.entry.by: one.entry.label for one in book.statements(4)} == {"Ann": "good", "Bo": "defective"}
    book.label({4: "good"}, how="key")
    assert labels_of(tmp_path)["day/a.avi", 4] == "good" and len(labels_of(tmp_path)) == 6


def test_two_peoples_labels_merge_by_frame_and_time(book: LabelBook, tmp_path: Path) -> None:
    early, late = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
    place = ("day/a.avi", 1)
    first = [(place, Entry("good", "Bo", early)), (("b.avi", 3), Entry("good", "Bo", early))]
    assert book.merge(first, how="bo.csv").added == 2
    assert book.merge(first, how="bo.csv").same == 2
    assert book.merge([(place, Entry("defective", "Bo", late))], how="bo.csv").later == 1
    assert book.merge([(place, Entry("good", "Bo", early))], how="bo.csv").earlier == 1
    assert labels_of(tmp_path) == {place: "defective", ("b.avi", 3): "good"}
    assert book.merge([(place, Entry("good", "Cy", late))], how="cy.csv").conflicts == 1
    assert book.merge([(place, Entry("good", "Cy", late))], how="cy.csv").same == 1
    assert book.conflicting[1] and len(book.statements(1)) == 2


def test_a_step_that_was_cut_off_is_finished_on_opening(tmp_path: Path, store: FrameStore) -> None:
    write(tmp_path, old="video,frame,label\nday/a.avi,1,good\nday/a.avi,2,good\nday/a.avi,3,good\n")
    entries = {2: Entry("good"), 3: Entry("defective")}
    changes = [
        Change("old.csv", "day/a.avi", 1, Entry("good"), Entry("defective")),
        Change("old.csv", "day/a.avi", 2, Entry("defective"), entries[2]),  # reached the file already
        Change("old.csv", "day/a.avi", 3, Entry("stale"), entries[3]),  # says something else by now
        Change("labels.csv", "b.avi", 0, None, Entry("good", "Ann", "now")),
    ]
    frames = [(change.recording, change.frame) for change in changes]
    Journal(tmp_path / ".labelling" / "journal.jsonl").begin(Step("label", "Ann", "now", frames, changes))
    for _ in range(2):  # the second opening finds it finished
        open_book(tmp_path, store)
        assert files(tmp_path) == {
            "old.csv": "video,frame,label\nday/a.avi,1,defective\nday/a.avi,2,good\nday/a.avi,3,good\n",
            "labels.csv": HEADER + "b.avi,0,good,,Ann,now\n",
        }


KILLED = """
import sys
from pathlib import Path
from tinyinspect.labelling.frames import Frames
from tinyinspect.labelling.label_book import LabelBook
from tinyinspect.recordings.store import FrameStore
folder = Path(sys.argv[1])
book = LabelBook(folder / "annotations", folder / ".labelling", Frames(FrameStore(folder / "frames").index), by="Ann")
for step in range(10**6):
    row, label = step % 26, ["good", "defective"][step // 26 % 2]
    book.label({row: label, (row + 13) % 26: label}, how="grid")
    print(step, row, label, flush=True)
"""


def test_kill_loses_nothing_that_was_acknowledged(tmp_path: Path, store: FrameStore) -> None:
    write(tmp_path, old="video,frame,label\nday/a.avi,1,good\nb.avi,4,good\n")
    for acknowledged in (1, 9, 40, 77):
        command = [sys.executable, "-c", KILLED, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for _ in range(acknowledged):
                line = process.stdout.readline()
            os.kill(process.pid, signal.SIGKILL)
            rest = process.stdout.read().splitlines()  # said before the kill
        expected = {1: "good", 16: "good"}
        for step in range(int((rest[-1] if rest else line).split()[0]) + 1):
            row, label = step % 26, CLASSES[step // 26 % 2]
            expected |= {row: label, (row + 13) % 26: label}
        book = open_book(tmp_path, store)
        step += 1  # at most one more may have been begun
        row, label = step % 26, CLASSES[step // 26 % 2]
        allowed = [expected, expected | {row: label, (row + 13) % 26: label}]
        found = {row: str(book.labels[row]) for row in np.flatnonzero(book.labels != "")}
        assert found in allowed
        assert {book.frames.row(*place): label for place, label in labels_of(tmp_path).items()} == found
        while book.undo():
            pass
        assert files(tmp_path) == {"old.csv": "video,frame,label\nday/a.avi,1,good\nb.avi,4,good\n"}


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("label"), st.integers(0, 25), st.sampled_from([*CLASSES, "!bad", ""])),
        st.tuples(st.just("skip"), st.integers(0, 25), st.just("")),
        st.tuples(st.just("undo"), st.just(0), st.just("")),
        st.tuples(st.just("reopen"), st.just(0), st.just("")),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=OPERATIONS)
def test_files_say_what_the_book_says_whatever_was_done(
    tmp_path_factory: pytest.TempPathFactory, store: FrameStore, operations: list[tuple[str, int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("book")
    write(folder, old="video,frame,label\nday/a.avi,1,good\nday/a.avi,2,\nb.avi,4,defective\n")
    before = files(folder)
    book = open_book(folder, store)
    for kind, row, label in operations:
        match kind:
            case "label":
                book.label({row: label}, how="key")
                assert book.labels[row] == label
            case "skip":
                book.skip(row)
            case "undo":
                book.undo()
            case "reopen":
                labels, skipped = book.labels.copy(), book.skipped.copy()
                book = open_book(folder, store)
                assert (book.labels == labels).all() and (book.skipped == skipped).all()
    table = read_annotations(folder / "annotations", CLASSES)
    said = {book.frames.row(str(one.recording), int(one.frame)): one.label for one in table.itertuples()}
    assert said == {row: book.labels[row] for row in np.flatnonzero(book.labels != "")}
    while book.undo():
        pass
    assert files(folder) == before


def test_rows_that_name_no_known_frame_are_kept(tmp_path: Path, store: FrameStore) -> None:
    text = "video,frame,label\nelsewhere.avi,1,good\nday/a.avi,99,good\nday/a.avi,1,good\n"
    write(tmp_path, old=text)
    book = open_book(tmp_path, store)
    assert book.counts["good"] == 1
    book.label({1: "defective"}, how="key")
    assert files(tmp_path)["old.csv"] == text.replace("day/a.avi,1,good", "day/a.avi,1,defective")
