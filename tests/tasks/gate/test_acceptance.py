import pytest

from tests.tasks.measured import of_gate
from tinyinspect.config.accept import Accept
from tinyinspect.tasks.gate.acceptance import reasons
from tinyinspect.tasks.gate.metrics import Metrics


def measured(accepted: float, wrong: float, auroc: float = 0.99) -> Metrics:
    return of_gate(auroc=auroc, true_accept_rate=accepted, false_accept_rate=wrong)


def test_a_gate_that_tells_pictures_apart_is_accepted():
    assert reasons(measured(0.98, 0.02), Accept(beat_constant=True)) == []


@pytest.mark.parametrize(
    ("accepted", "wrong", "auroc", "reason"),
    [
        (0.3, 0.4, 0.6, "no better than chance"),
        (0.9, 0.1, 0.5, "no better than chance"),
        (0.18, 0.0, 0.9998, r"refuses 82.0 % of the normal frames; give decide.false_reject_rate"),
    ],
)
def test_a_gate_of_no_use_is_refused_with_its_reason(accepted: float, wrong: float, auroc: float, reason: str):
    (sentence,) = reasons(measured(accepted, wrong, auroc), Accept(beat_constant=True))
    assert reason in sentence
    assert reasons(measured(accepted, wrong, auroc), Accept(beat_constant=False)) == []
