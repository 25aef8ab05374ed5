"""Optuna proposes, DVC runs: played on a small project with a known best."""

from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from tests.cli.running import run
from tests.experiments import measuring_project  # noqa: F401
from tinyinspect.errors import InputError
from tinyinspect.project.search import search
from tinyinspect.review.sweeps import read_sweeps

RATE = "train.rate=tag(log,interval(0.001,1.0))"


def trials(root: Path) -> list[optuna.trial.FrozenTrial]:
    return optuna.load_study(study_name="rate", storage=f"sqlite:///{root / 'optuna.db'}").trials


def test_a_search_runs_goes_on_and_names_what_nothing_beats(measuring_project: Path) -> None:  # noqa: F811
    words = ["search", RATE, "model.width=1,9", "--name", "rate", "--at-once", "2"]
    done = run(*words, "--trials", "3", folder=measuring_project)
    assert done.returncode == 0, done.stderr
    best = search(measuring_project, [RATE, "model.width=1,9"], "rate", 5, 2)
    told, shown = trials(measuring_project), read_sweeps(measuring_project).set_index("experiment")
    assert [one.state for one in told] == [TrialState.COMPLETE] * 5 and len(shown) == 5
    for one in told:
        row = shown.loc[one.user_attrs["experiment"]]
        assert one.values == [row["accuracy"], row["ms"]]
        assert row["train.rate"] == float(f"{one.params['train.rate']:.4g}")
        width = one.params["model.width"]
        assert f".width={width}" in one.user_attrs["experiment"] and row["ms"] == int(width)
    assert len({one.params["train.rate"] for one in told}) == 5
    cheapest = shown[shown["ms"] == shown["ms"].min()]
    assert best.iloc[0].tolist() == [cheapest["accuracy"].idxmax(), cheapest["accuracy"].max(), cheapest["ms"].min()]
    assert best["gain"].is_monotonic_increasing


def test_an_experiment_that_fails_is_told_and_the_search_goes_on(measuring_project: Path) -> None:  # noqa: F811
    (measuring_project.parent / "go").touch()
    search(measuring_project, ["seed=2,3"], "rate", 1, 1)
    assert [one.state for one in trials(measuring_project)] == [TrialState.FAIL]


def test_what_an_interrupt_left_is_settled(measuring_project: Path) -> None:  # noqa: F811
    words = [measuring_project, ["model.width=1,9"], "rate"]
    search(*words, 1, 1)
    study = optuna.load_study(study_name="rate", storage=f"sqlite:///{measuring_project / 'optuna.db'}")
    finished, killed = study.ask(), study.ask()
    finished.set_user_attr("experiment", trials(measuring_project)[0].user_attrs["experiment"])
    killed.set_user_attr("experiment", "rate.2.width=9")
    search(*words, 3, 1)
    told = trials(measuring_project)
    assert [one.state for one in told] == [TrialState.COMPLETE, TrialState.COMPLETE, TrialState.FAIL]
    assert told[1].values == told[0].values


def test_a_setting_that_is_wrong_is_one_sentence(measuring_project: Path) -> None:  # noqa: F811
    with pytest.raises(InputError, match="no setting has several values; "):
        search(measuring_project, ["seed=1"], "rate", 2, 1)
    with pytest.raises(InputError, match="nothing"):
        search(measuring_project, ["nothing.there=1,2"], "rate", 2, 1)
