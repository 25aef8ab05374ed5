"""A backbone learns a teacher's embeddings of frames that have no labels."""

import io
import itertools

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from tinyinspect.config.pretrain import Pretrain, SslMethod
from tinyinspect.learning import distillation
from tinyinspect.learning.distillation import Distillation, teacher_embeddings
from tinyinspect.learning.pretraining import pretrain
from tinyinspect.learning.sources import Sources
from tinyinspect.models.teacher import TeacherNetwork, embed

CPU = torch.device("cpu")


class Store:
    """The frames of a labelled set, whose labels nobody asks for."""

    def __init__(self, pictures):
        self.pictures = list(pictures)

    def __len__(self):
        return len(self.pictures)

    def picture(self, row):
        return self.pictures[row]

    def jpeg(self, row):
        buffer = io.BytesIO()
        Image.fromarray(self.pictures[row]).save(buffer, "JPEG")
        return buffer.getvalue()


@pytest.fixture
def store(bars_and_blanks):
    return Store(bars_and_blanks.pictures)


@pytest.fixture
def teacher():
    torch.manual_seed(1)
    chain = [nn.Conv2d(3, 6, 5, 2), nn.ReLU(), nn.Conv2d(6, 12, 5, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return TeacherNetwork("toy", nn.Sequential(*chain).eval().requires_grad_(False), 32)


@pytest.fixture
def waiting(tmp_path):
    """Where unfinished embeddings wait."""
    return tmp_path / "teacher.pt"


def distil(network, store, taught, folder, epochs):
    settings = Pretrain(
        method=SslMethod.DISTILL,
        frames=None,
        epochs=epochs,
        batch_size=8,
        learning_rate=0.01,
        weight_decay=0,
        processes=1,
    )
    sources = Sources(store, 32, folder / ".sources.partial")
    return list(pretrain(network.backbone, sources, settings, CPU, 0, taught))


def test_each_row_is_the_teachers_embedding_of_the_plain_frame(store, teacher, waiting):
    rows = np.array([3, 0, 17, 5, 9])
    taught = teacher_embeddings(teacher, store, rows, CPU, waiting)
    expected = embed(teacher, [store.picture(row) for row in rows])
    assert taught.dtype == torch.float16
    np.testing.assert_allclose(taught.norm(dim=1), 1, atol=1e-3)
    np.testing.assert_allclose(taught, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-3)
    assert not waiting.exists()


def test_interrupted_embeddings_are_taken_up(store, teacher, waiting, monkeypatch):
    rows = np.arange(len(store))
    whole = teacher_embeddings(teacher, store, rows, CPU, waiting)
    asked = interrupt(monkeypatch, after=3)
    with pytest.raises(KeyboardInterrupt):
        teacher_embeddings(teacher, store, rows, CPU, waiting)
    assert next(asked) == 4
    asked = interrupt(monkeypatch, after=100)
    assert torch.equal(teacher_embeddings(teacher, store, rows, CPU, waiting), whole)
    assert next(asked) == len(store) // distillation.BATCH - 3
    assert not waiting.exists()


@pytest.mark.parametrize("change", ["frame", "teacher", "size"])
def test_embeddings_of_other_frames_or_another_teacher_are_not_taken_up(store, teacher, waiting, monkeypatch, change):
    rows = np.arange(len(store))
    interrupt(monkeypatch, after=3)
    with pytest.raises(KeyboardInterrupt):
        teacher_embeddings(teacher, store, rows, CPU, waiting)
    if change == "frame":
        store.pictures[1] = 255 - store.pictures[1]
    if change == "teacher":
        teacher.blocks[0].bias += 0.1
    if change == "size":
        teacher = TeacherNetwork(teacher.name, teacher.blocks, 40)
    asked = interrupt(monkeypatch, after=100)
    found = teacher_embeddings(teacher, store, rows, CPU, waiting)
    assert next(asked) == len(store) // distillation.BATCH
    assert torch.equal(found[:4], nn.functional.normalize(torch.from_numpy(embed(teacher, store.pictures[:4]))).half())


def interrupt(monkeypatch, after):
    """Let the teacher embed so many batches, each of them saved; the counter that comes back tells how many it did."""
    asked, counted = itertools.count(), itertools.count()

    def counting(*given):
        next(counted)
        if next(asked) == after:
            raise KeyboardInterrupt
        return embed(*given)

    monkeypatch.setattr(distillation, "embed", counting)
    monkeypatch.setattr("tinyinspect.learning.resume.SECONDS_BETWEEN_SAVES", -1)
    return counted


def test_the_loss_falls_far_below_that_of_one_answer_to_all(store, teacher, waiting, small_network, tmp_path):
    taught = teacher_embeddings(teacher, store, np.arange(len(store)), CPU, waiting)
    losses = distil(small_network, store, taught, tmp_path, epochs=40)
    assert 0.8 < losses[0] < 1.4  # the mean is taken off, so the same answer to all frames costs about 1
    assert np.mean(losses[-5:]) < 0.5


def test_the_same_seed_gives_the_same_weights(store, teacher, waiting, small_network, tmp_path):
    taught = teacher_embeddings(teacher, store, np.arange(len(store)), CPU, waiting)
    start = {name: value.clone() for name, value in small_network.state_dict().items()}
    found = []
    for _ in range(2):
        small_network.load_state_dict(start)
        losses = distil(small_network, store, taught, tmp_path, epochs=2)
        found.append((losses, torch.cat([one.detach().flatten() for one in small_network.backbone.parameters()])))
    assert found[0][0] == found[1][0]
    assert torch.equal(found[0][1], found[1][1])
    assert not torch.equal(next(small_network.backbone.parameters()), next(iter(start.values())))


def test_frames_that_are_all_alike_teach_nothing_and_break_nothing():
    objective = Distillation(8, torch.full((5, 12), 12**-0.5).half())
    loss = objective([torch.randn(3, 8)], torch.tensor([0, 3, 4]))
    assert loss.isfinite() and 0 <= loss <= 2
