"""docs/troubleshooting.md holds every sentence that the code refuses something with, and what to do then."""

import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "scripts" / "error_sentences.py"))
SOURCE = """
class A:
    def read(self):
        raise InputError(f"{path} is no table ({error}); save it as CSV")
    def check(self):
        faults.append("a | b is <wrong>; " f"mend {name}")
"""


def test_the_page_holds_the_sentences_of_the_source():
    text = SCRIPT["PAGE"].read_text(encoding="utf-8")
    assert text == SCRIPT["page"](text), "run python scripts/error_sentences.py"


def test_every_sentence_says_what_to_do():
    without = [one for found in SCRIPT["_by_area"]().values() for one in found if not SCRIPT["split"](one)[1]]
    assert without == []


def test_sentences_are_found_in_a_source(tmp_path):
    (tmp_path / "a.py").write_text(SOURCE)
    assert list(SCRIPT["sentences"](tmp_path / "a.py")) == [
        "... is no table (...); save it as CSV",
        "a | b is <wrong>; mend ...",
    ]


@pytest.mark.parametrize(
    ("sentence", "said", "cure"),
    [
        ("a; b; do c", "a; b", "do c"),
        ("the store ... cannot be used: ...", "the store ... cannot be used: ...", "what the message says at its end"),
        ("nothing to do", "nothing to do", ""),
    ],
)
def test_the_cure_stands_behind_the_last_semicolon(sentence, said, cure):
    assert SCRIPT["split"](sentence) == (said, cure)
