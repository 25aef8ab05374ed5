import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tinyinspect.tasks.gate.objective.losses import OneClassLoss, loss_of
from tinyinspect.tasks.gate.settings import Loss


def settings(name: str, margin: float, scale: float, label_smoothing: float) -> Loss:
    rest = {"targets": "normal", "negatives_per_positive": 1, "label_smoothing": label_smoothing}
    return Loss(name=name, scale=scale, margin=margin, **rest)


def test_arcface_adds_its_angle_to_the_class_that_is_true():
    torch.manual_seed(0)
    loss = loss_of(settings("arcface", 10, 16, 0.1), 3, 8)
    embeddings, targets = torch.randn(20, 8), torch.arange(20) % 3
    cosines = F.normalize(embeddings) @ F.normalize(loss.W, dim=0)
    angles = torch.acos(cosines) + F.one_hot(targets, 3) * math.radians(10)
    expected = F.cross_entropy(16 * torch.cos(angles), targets, label_smoothing=0.1)
    torch.testing.assert_close(loss(embeddings, targets), expected, rtol=1e-4, atol=1e-4)


def test_the_one_class_loss_counts_both_sides_of_its_margins():
    loss = OneClassLoss(2, margin=0.4, scale=10)
    loss.centre.data = torch.tensor([2.0, 0.0])
    embeddings = torch.tensor([[3.0, 0.0], [0.6, 0.8], [-1.0, 0.0], [1.0, 0.0]])
    wrong = torch.tensor([-0.1, 0.3, -1.1, 0.9])
    found = loss(embeddings, torch.tensor([0, 0, 1, 2]))
    torch.testing.assert_close(found, F.softplus(10 * wrong).mean())


@pytest.mark.parametrize(
    ("name", "margin", "scale"),
    [("arcface", 10, 16), ("sub_center_arcface", 10, 16), ("cosface", 0.2, 16), ("proxy_anchor", 0.1, 32),
     ("one_class", 0.4, 10)],
)  # fmt: skip
def test_every_loss_draws_normal_embeddings_together_and_others_away(name, margin, scale):
    torch.manual_seed(0)
    loss = loss_of(settings(name, margin, scale, 0), 2, 8)
    embeddings = torch.nn.Parameter(torch.randn(40, 8))
    targets = (torch.arange(40) >= 20).long()
    optimizer = torch.optim.Adam([embeddings, *loss.parameters()], 0.05)
    for _ in range(200):
        optimizer.zero_grad()
        loss(embeddings, targets).backward()
        optimizer.step()
    unit = F.normalize(embeddings.detach())
    scores = unit @ F.normalize(unit[:20].mean(0), dim=0)
    assert np.median(scores[:20]) > scores[20:].max() + 0.2
