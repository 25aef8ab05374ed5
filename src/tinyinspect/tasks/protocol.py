"""The seam: everything that differs between tasks, by part. Stages and reports ask the task's part and know no task.

Each part is a module ``tasks/<task>/<part>.py`` that fits the protocol here; :func:`tinyinspect.registry.task_part`
imports it. ``task``, ``loss`` and ``decide`` are the sections of ``params.yaml`` of the task's own kinds.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel

from tinyinspect.camera import Pixels
from tinyinspect.config.accept import Accept
from tinyinspect.config.app import App
from tinyinspect.config.section import ModelSettings
from tinyinspect.config.train import Train
from tinyinspect.deployment.bundle import Content
from tinyinspect.evaluation.scored import Scored, TestSet
from tinyinspect.evaluation.source import Answer
from tinyinspect.learning.features import Features
from tinyinspect.report.table import Table
from tinyinspect.report.verdict import Headline
from tinyinspect.review.compared import Common, Compared
from tinyinspect.selection.labelled import Labelled

Outputs = dict[str, NDArray[np.float32]]  # (n, k) by runtime


class DatasetPart(Protocol):
    """``dataset``: which pictures train, validate and test the model."""

    def complete(self, dataset: Path, photos: Path, *, classes: list[str], task: Any, seed: int) -> list[str]:
        """Add what the task needs beside the labelled frames; return warnings for the user."""

    def summary(self, dataset: Path, *, classes: list[str], task: Any) -> str:
        """How many pictures there are, for the terminal."""

    def unlabelled(self, task: Any) -> int:
        """How many frames without a label may train, at most."""


class PicturesPart(Protocol):
    """``pictures.py``: how the task's pictures are read."""

    def calibration(self, dataset: Path, *, classes: list[str], task: Any) -> Labelled:
        """Pictures that were trained on or validated with, by group; never test pictures."""


class ObjectivePart(Protocol):
    """``objective``: what the network is trained for."""

    def network(self, model: ModelSettings, *, classes: list[str], task: Any) -> Any:
        """A network with fresh weights and the outputs that the task wants; see ``models/checkpoint.py``."""

    def fit(
        self,
        network: Any,
        dataset: Path,
        *,
        classes: list[str],
        task: Any,
        loss: Any,
        train: Train,
        seed: int,
        resume: Path,
        features: Features,
    ) -> Iterator[dict[str, float]]:
        """Train a network in place, yielding the measures of every epoch."""

    def held_out(
        self,
        make: Callable[[], Any],
        dataset: Path,
        *,
        classes: list[str],
        task: Any,
        loss: Any,
        train: Train,
        seed: int,
        resume: Path,
        features: Features,
    ) -> pd.DataFrame:
        """What networks make of pictures that they did not see, for ``decide``; may be empty."""


class DecidingPart(Protocol):
    """``deciding``: chooses how outputs become answers, on pictures that were not trained on."""

    def decide(self, models: Path, dataset: Path, *, classes: list[str], task: Any, decide: Any) -> tuple[Any, str]:
        """The decision, a pydantic model, and a sentence about it."""


class DecisionPart(Protocol):
    """``decision.py``: how outputs become answers; one typed file that both sides of the border read."""

    def read(self, path: Path) -> Any:
        """The decision from ``models/decision.json``."""


class BaselinesPart(Protocol):
    """``baselines.py``: what the measures are compared with."""

    def of_teacher(
        self,
        dataset: Path,
        encode: Callable[..., NDArray[np.float32]],
        *,
        classes: list[str],
        task: Any,
        input_size: int,
    ) -> dict[str, dict[str, float]]:
        """Measures on the test pictures of something simple on a pretrained network's features, by baseline."""


class MeasuresPart(Protocol):
    """``measures.py``: how good it is."""

    def test_set(self, dataset: Path, *, classes: list[str], task: Any) -> TestSet:
        """What the model is measured on."""

    def score(self, outputs: Outputs, test: TestSet, decision: Any, seed: int) -> Scored:
        """The measures of every runtime, with intervals."""

    def of_training(self, outputs: NDArray[np.float32], frames: Labelled, decision: Any) -> dict[str, float]:
        """Measures on pictures that were trained on, from the camera's outputs (n, k); may be empty."""


class MetricsPart(Protocol):
    """``metrics.py``: the measures that decide, as the typed file ``metrics.json``."""

    Metrics: type[BaseModel]  # its content, under 30 numbers

    def short(self, full: dict[str, Any]) -> Any:
        """Its content, of that of ``metrics_full.json``."""


class UnknownPart(Protocol):
    """``unknown.py``: what it answers to pictures of none of the classes, where the test set has no such pictures."""

    def pictures(self, dataset: Path, *, classes: list[str], task: Any, seed: int) -> dict[str, list[Pixels]]:
        """Such pictures by group; may be empty."""

    def answers(
        self, outputs: dict[str, NDArray[np.float32]], decision: Any, classes: list[str]
    ) -> dict[str, dict[str, Any]]:
        """Measures by group, from the camera's outputs (n, k) of each group."""


class DiagnosisPart(Protocol):
    """``diagnosis.py``: what keeps the model from being better."""

    def diagnose(
        self, metrics: dict[str, Any], trained: pd.DataFrame, predictions: pd.DataFrame, size: int
    ) -> list[str]:
        """One sentence for each thing that does, with the setting to try.

        Args:
            metrics: the content of ``metrics_full.json``, so far.
            trained: what was trained on, from :func:`tinyinspect.evaluation.predictions.trained_on`.
            predictions: the answer to each test picture.
            size: side of the model's input, pixels.
        """


class WordingPart(Protocol):
    """``wording.py``: the measures in words and columns."""

    def headings(self, metrics: dict[str, Any]) -> list[tuple[str, ...]]:
        """The lines above each column of :meth:`cells`."""

    def cells(self, measured: dict[str, Any]) -> list[tuple[str, str]]:
        """The measures of one runtime and their intervals, in percent."""

    def tables(self, metrics: dict[str, Any]) -> list[Table]:
        """More tables, by what the pictures show; the first is for the terminal too. May be empty."""

    def baselines(self, metrics: dict[str, Any]) -> Table | None:
        """What the measures are compared with, if there is anything."""

    def quantization(self, metrics: dict[str, Any]) -> str:
        """What int8 costs."""

    def curves(self) -> list[tuple[str, str, list[str]]]:
        """Training curves to draw: title, measure, names of the curves."""


class ReportPart(Protocol):
    """``report.py``: what the report and a comparison say."""

    SCORE: str  # what the score is called
    IS_PROBABILITY: bool  # whether it says how often the answer is right

    def headline(self, metrics: Any) -> Headline:
        """The one measure that a model is known by, of the content of ``metrics.json``."""

    def warnings(self, metrics: dict[str, Any]) -> list[str]:
        """What a person should know before trusting an accepted model, one sentence each."""

    def unsure(self, predictions: pd.DataFrame, decision: Any) -> NDArray[np.bool_]:
        """Which answers of the camera are, (n,)."""

    def limits(self, decision: Any) -> dict[str, float]:
        """The limits of the score, by name."""

    def evidence(self, outputs: Any, decision: Any) -> Any:
        """Of the float model's outputs, a tensor (n, k), what speaks for its answer, (n,)."""

    def card(self, metrics: dict[str, Any], classes: list[str]) -> list[tuple[str, str]]:
        """Headings and sentences of the model card: intended use and limits."""


class AnswersPart(Protocol):
    """``answers.py``: what the camera would say."""

    def answers(self, outputs: NDArray[np.float32], decision: Any, classes: list[str]) -> list[Answer]:
        """One answer a row of the int8 file's outputs (n, k)."""

    def truth_of(self, label: str, task: Any) -> str:
        """The right answer for a frame with this label."""


class ComparisonPart(Protocol):
    """``comparison.py``: two models on the same pictures."""

    def compare(self, common: Common, seed: int) -> list[Compared]:
        """The measures before and after, each with a paired test; the first is the one that the report opens with."""


class AcceptancePart(Protocol):
    """``acceptance.py``: why a measured model is refused."""

    def reasons(self, metrics: Any, accept: Accept) -> list[str]:
        """One sentence for each limit that it breaks, of the content of ``metrics.json``."""

    def lost(self, metrics: Any) -> tuple[float, float]:
        """Points lost to int8, of 100, and the low end of their 95 % interval."""


class CameraPart(Protocol):
    """``camera.py``: what the camera's program gets."""

    def content(self, model: Path, dataset: Path, decision: Any, *, classes: list[str], task: Any, app: App) -> Content:
        """The model's part of the bundle."""


class PhonePart(Protocol):
    """``phone.py``: the model as a Core ML package."""

    def export(
        self,
        network: Any,
        decision: Any,
        views: NDArray[np.uint8],
        path: Path,
        *,
        classes: list[str],
        task: Any,
    ) -> str:
        """Write the package, checked against PyTorch; return a sentence about the check."""
