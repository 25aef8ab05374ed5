from pathlib import Path

import pytest
import torch
from torch import nn

from tinyinspect import config
from tinyinspect.compose import composed
from tinyinspect.learning import training

ROOT = Path(__file__).parents[2]


class Line(training.Task):
    """Numbers above and below zero; what validation says is given."""

    def __init__(self, losses: list[float] | None, error: float = 0) -> None:
        self.criterion, self.steps = nn.CrossEntropyLoss(), 4
        self._losses, self._error, self._validated = losses, error, 0

    def batches(self, generator):
        for _ in range(self.steps):
            numbers = torch.randn(16, 1, generator=generator)
            yield numbers, (numbers[:, 0] > 0).long()

    def validate(self, network):
        self._validated += 1
        if self._losses is None:
            return {"validation/auroc": 0.5}
        return {"validation/loss": self._losses[self._validated - 1], "validation/loss_error": self._error}

    def data(self):
        return [torch.zeros(1)]


def settings(**changes) -> config.Train:
    train = config.check(composed(ROOT / "conf", []), "conf/").train
    return train.model_copy(update={"epochs": 6, "learning_rate": 0.1, "ema_decay": 0.5, **changes})


def states(losses: list[float] | None, epochs: int, path: Path, error: float = 0) -> list[torch.Tensor]:
    """The averaged weight after every epoch, and the one that is kept at the end."""
    torch.manual_seed(0)
    network, task = nn.Linear(1, 2), Line(losses, error)
    seen: list[torch.Tensor] = []
    validate = task.validate
    task.validate = lambda average: seen.append(average.weight.clone()) or validate(average)
    assert len(list(training.fit(network, task, settings(), 0, path))) == epochs
    return [*seen, network.weight.detach()]


def test_the_epoch_with_the_lowest_loss_is_kept(tmp_path):
    *epochs, kept = states([5, 4, 1, 2, 3, 4], 6, tmp_path / "a")
    assert torch.equal(kept, epochs[2]) and not torch.equal(kept, epochs[5])


def test_of_equal_losses_the_last_is_kept(tmp_path):
    *epochs, kept = states([1, 0, 0, 0, 2, 3], 6, tmp_path / "a")
    assert torch.equal(kept, epochs[3])


def test_the_latest_within_one_standard_error_is_kept(tmp_path):
    *epochs, kept = states([5, 4, 1, 3, 2, 2.5], 6, tmp_path / "a", error=1.25)
    assert torch.equal(kept, epochs[4])


def test_a_lower_loss_raises_the_bar(tmp_path):
    *epochs, kept = states([2, 2.5, 1, 2.5, 2.5, 2.5], 6, tmp_path / "a", error=1)
    assert torch.equal(kept, epochs[2])


def test_without_a_validation_loss_the_last_epoch_is_kept(tmp_path):
    *epochs, kept = states(None, 6, tmp_path / "a")
    assert torch.equal(kept, epochs[5])


@pytest.mark.parametrize("optimizer", list(config.Optimizer))
def test_every_optimizer_learns(optimizer, tmp_path):
    torch.manual_seed(0)
    network = nn.Linear(1, 2)
    changes = {"optimizer": optimizer, "learning_rate": 0.3}
    measures = list(training.fit(network, Line(None), settings(**changes), 0, tmp_path / "a"))
    assert measures[-1]["train/loss"] < measures[0]["train/loss"]
    assert network(torch.tensor([[-2.0], [2.0]])).argmax(1).tolist() == [0, 1]
