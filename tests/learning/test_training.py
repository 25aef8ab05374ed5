from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
import torch
from torch import nn

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.config.train import Optimizer, Train
from tinyinspect.learning import training
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


class Line(training.Task):
    """Numbers above and below zero; what validation says is given."""

    def __init__(self, errors: list[float] | None) -> None:
        self.criterion, self.steps = nn.CrossEntropyLoss(), 4
        self._errors, self._validated = errors, 0

    def batches(self, generator):
        for _ in range(self.steps):
            numbers = torch.randn(16, 1, generator=generator)
            yield numbers, (numbers[:, 0] > 0).long()

    def validate(self, network):
        self._validated += 1
        if self._errors is None:
            return {"validation/auroc": 0.5}
        return {"validation/errors": self._errors[self._validated - 1]}

    def data(self):
        return [torch.zeros(1)]


def settings(**changes) -> Train:
    train = check(composed(ROOT / "conf", []), "conf/", Params).train
    return train.model_copy(update={"epochs": 6, "learning_rate": 0.1, "ema_decay": 0.5, **changes})


def states(errors: list[float] | None, epochs: int, path: Path) -> list[torch.Tensor]:
    """The averaged weight after every epoch, and the one that is kept at the end."""
    torch.manual_seed(0)
    network, task = nn.Linear(1, 2), Line(errors)
    seen: list[torch.Tensor] = []
    validate = task.validate
    task.validate = lambda average: seen.append(average.weight.clone()) or validate(average)
    assert len(list(training.fit(network, task, settings(), 0, path))) == epochs
    return [*seen, network.weight.detach()]


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([9, 4, 0, 2, 3, 4], 2),  # two more than none are too many
        ([9, 0, 0, 0, 2, 3], 3),  # of equal ones the latest
        ([9, 4, 0, 2, 1, 3], 4),  # one more than none may be chance
        ([40, 16, 10, 30, 15, 16], 4),  # five more than ten lie within the square root of 25, six do not
        ([3, 3, 3, 0, 3, 3], 3),  # what was good enough before is not any more
    ],
)
def test_the_latest_epoch_with_about_the_fewest_errors_is_kept(errors, expected, tmp_path):
    *epochs, kept = states(errors, 6, tmp_path / "a")
    assert torch.equal(kept, epochs[expected])
    assert not any(torch.equal(kept, other) for epoch, other in enumerate(epochs) if epoch != expected)


def test_without_a_count_of_errors_the_last_epoch_is_kept(tmp_path):
    *epochs, kept = states(None, 6, tmp_path / "a")
    assert torch.equal(kept, epochs[5])


@pytest.mark.parametrize("optimizer", list(Optimizer))
def test_every_optimizer_learns(optimizer, tmp_path):
    torch.manual_seed(0)
    network = nn.Linear(1, 2)
    changes = {"optimizer": optimizer, "learning_rate": 0.3}
    measures = list(training.fit(network, Line(None), settings(**changes), 0, tmp_path / "a"))
    assert measures[-1]["train/loss"] < measures[0]["train/loss"]
    assert network(torch.tensor([[-2.0], [2.0]])).argmax(1).tolist() == [0, 1]


def test_a_training_that_goes_on_ends_with_the_same_weights(tmp_path, monkeypatch):
    monkeypatch.setattr("tinyinspect.learning.resume.SECONDS_BETWEEN_SAVES", -1)

    def trained(path: Path, epochs: int) -> torch.Tensor:
        torch.manual_seed(0)
        network = nn.Linear(1, 2)
        with closing(training.fit(network, Line(None), settings(), 0, path)) as progress:
            assert len(list(islice(progress, epochs))) == epochs
            if epochs == 6:
                assert next(progress, None) is None  # the weights that are kept are put into the network
        return network.weight.detach()

    trained(tmp_path / "parts", 3)  # while batches of the fourth epoch are drawn already
    assert (tmp_path / "parts").exists()
    assert torch.equal(trained(tmp_path / "parts", 6), trained(tmp_path / "whole", 6))
