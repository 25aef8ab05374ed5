"""The loop that both variants train in: a one-cycle rate, an average of the weights, and a resume file.

The weights that are kept are the exponential moving average's. Of all epochs that get about as few validation frames
wrong as the best epoch does, the latest is kept: "about" means within one standard error of the difference of the two
counts (the one-standard-error rule of Breiman et al., "Classification and Regression Trees", 1984). A few validation
frames cannot tell such epochs apart, and at the latest the rate has fallen furthest. Where a task counts no errors, the
last epoch is kept.
"""

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import PARAM_LIST, AveragedModel, get_ema_multi_avg_fn

from tinyinspect.config.train import Optimizer, Train
from tinyinspect.learning.ahead import ahead
from tinyinspect.learning.resume import ResumeFile, fingerprint

MOMENTUM = 0.9

Batch = tuple[Tensor, Tensor, Tensor]  # inputs, targets, and the generator's state after they were drawn


class Task(ABC):
    """What a network is trained for.

    Attributes:
        criterion: outputs and targets to a loss; its own weights, where it has any, are trained too.
        steps: batches an epoch.
    """

    criterion: nn.Module
    steps: int

    @abstractmethod
    def batches(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch of inputs (b, 3, size, size) float32 in [0, 1] and targets (b,) int64."""

    @abstractmethod
    def validate(self, network: nn.Module) -> dict[str, float]:
        """Measures of a network in eval mode on the validation frames.

        ``validation/errors`` among them, how many frames it gets wrong, chooses the epoch that is kept.
        """

    @abstractmethod
    def data(self) -> list[Tensor]:
        """All that the training sees: another training of the same data and settings resumes this one."""


@dataclass
class Progress:
    """All of a training that a resumed one needs.

    Attributes:
        generator: draws the batches, ahead of the network.
        drawn: its state after the last batch that the network saw, which is where a resumed training draws on.
    """

    network: nn.Module
    criterion: nn.Module
    average: AveragedModel
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.OneCycleLR
    generator: torch.Generator
    drawn: Tensor
    kept_state: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)

    def state(self) -> dict[str, object]:
        """Everything, as tensors and plain values."""
        return {
            "network": self.network.state_dict(),
            "criterion": self.criterion.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.drawn,
            "kept_state": self.kept_state,
            "history": self.history,
        }

    def restore(self, state: dict) -> None:
        """Take up what :meth:`state` gave."""
        for part in ("network", "criterion", "average", "optimizer", "schedule"):
            getattr(self, part).load_state_dict(state[part])
        self.drawn = state["generator"]
        self.generator.set_state(self.drawn)
        self.kept_state, self.history = state["kept_state"], state["history"]


def fit(network: nn.Module, task: Task, settings: Train, seed: int, resume_path: Path) -> Iterator[dict[str, float]]:
    """Train a network in place, yielding the measures of every epoch; it ends with the weights that are kept.

    Args:
        network: on the device of the task's data.
        task: batches, loss and validation.
        settings: how to train.
        seed: of all draws.
        resume_path: where an unfinished training waits; one of the same settings, frames and weights goes on, and
            yields its earlier epochs' measures first.
    """
    progress = begin(network, task, settings, seed)
    # The parts too: what an older version left behind lacks some of them.
    key = f"{settings!r} {task.criterion!r} {seed} {list(progress.state())}"
    tensors = [*task.data(), *network.state_dict().values()]
    resume = ResumeFile(resume_path, fingerprint(key, *(one.cpu() for one in tensors)))
    if (state := resume.load()) is not None:
        progress.restore(state)
    yield from progress.history
    with closing(ahead(_drawn(task, progress.generator, settings.epochs - progress.epoch))) as batches:
        while progress.epoch < settings.epochs:
            yield _advance(progress, task, itertools.islice(batches, task.steps))
            resume.save_now_and_then(progress.state())
    network.load_state_dict(progress.kept_state)
    resume.clear()


def begin(network: nn.Module, task: Task, settings: Train, seed: int) -> Progress:
    """A training at its start."""
    optimizer = _optimizer([*network.parameters(), *task.criterion.parameters()], settings)
    total = settings.epochs * task.steps
    generator = torch.Generator().manual_seed(seed)
    return Progress(
        network=network,
        criterion=task.criterion,
        average=AveragedModel(network, multi_avg_fn=_warmed_average(settings.ema_decay), use_buffers=True),
        optimizer=optimizer,
        schedule=torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=total),
        generator=generator,
        drawn=generator.get_state(),
    )


def _optimizer(weights: list[nn.Parameter], settings: Train) -> torch.optim.Optimizer:
    rate, decay = settings.learning_rate, settings.weight_decay
    match settings.optimizer:
        case Optimizer.ADAMW:
            return torch.optim.AdamW(weights, rate, weight_decay=decay, fused=True)
        case Optimizer.SGD:
            return torch.optim.SGD(weights, rate, MOMENTUM, weight_decay=decay, nesterov=True, fused=True)


def _warmed_average(decay: float) -> Callable[[PARAM_LIST, PARAM_LIST, Tensor | int], None]:
    """Exponential moving average that forgets its start: the first BatchNorm statistics would linger for long."""

    def update(averages: PARAM_LIST, currents: PARAM_LIST, steps: Tensor | int) -> None:
        count = float(steps)
        get_ema_multi_avg_fn(min(decay, (1 + count) / (10 + count)))(averages, currents, steps)

    return update


def _drawn(task: Task, generator: torch.Generator, epochs: int) -> Iterator[Batch]:
    for _ in range(epochs):
        for inputs, targets in task.batches(generator):
            yield inputs, targets, generator.get_state()


def _advance(progress: Progress, task: Task, batches: Iterable[Batch]) -> dict[str, float]:
    loss = _epoch(progress, batches)
    progress.average.module.eval()
    with torch.no_grad():
        measures = {"train/loss": loss, **task.validate(progress.average.module)}
    progress.history.append(measures)
    errors = [epoch.get("validation/errors", 0) for epoch in progress.history]
    if errors[-1] - min(errors) <= math.sqrt(errors[-1] + min(errors)):
        progress.kept_state = {name: value.clone() for name, value in progress.average.module.state_dict().items()}
    return measures


def _epoch(progress: Progress, batches: Iterable[Batch]) -> float:
    progress.network.train()
    total, count = 0.0, 0
    for inputs, targets, progress.drawn in batches:
        loss = progress.criterion(progress.network(inputs), targets)
        progress.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        progress.optimizer.step()
        progress.schedule.step()
        progress.average.update_parameters(progress.network)
        total, count = total + float(loss.detach()) * len(targets), count + len(targets)
    return total / count
