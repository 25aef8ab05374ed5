"""What a sweep queues: a combination each, under a name that Git takes and that says what was set."""

import re

import pytest

from tinyinspect.errors import InputError
from tinyinspect.project.sweep import combinations


def test_every_combination_has_a_name_that_carries_what_varies():
    found = combinations(["seed=0,1", "model=resnet9,resnet9_stride2", "train.epochs=3"], "stem")
    assert found[1] == (["seed=0", "model=resnet9_stride2", "train.epochs=3"], "stem.seed=0.model=resnet9_stride2")
    assert len({name for _, name in found}) == 4


@pytest.mark.parametrize(
    ("override", "names"),
    [
        ("train.learning_rate=0.01,1e-3", ["s.learning_rate=0.01", "s.learning_rate=0.001"]),
        ("model.channels=[4, 6],[8]", ["s.channels=4-6", "s.channels=8"]),
        ("+model.extra='a b','c~d'", ["s.extra=a-b", "s.extra=c-d"]),
        ("seed=range(2)", ["s.seed=0", "s.seed=1"]),
    ],
)
def test_names_are_ones_that_git_takes(override, names):
    assert [name for _, name in combinations([override], "s")] == names
    assert all(re.fullmatch(r"[\w.=+-]+", name) for name in names)


@pytest.mark.parametrize(
    ("override", "name"),
    [
        ("seed=[0", "stem"),
        ("seed", "stem"),
        ("seed=0,1", "a b"),
        ("seed=0,1", "a..b"),
        ("train.rate=interval(0,1)", "stem"),
    ],
)
def test_what_is_no_setting_or_no_name_is_one_sentence(override, name):
    with pytest.raises(InputError, match="; "):
        combinations([override], name)
