"""Losses that turn embeddings so that their cosines tell normal pictures from others.

All but the one-class loss come from pytorch-metric-learning. Each is a module from embeddings (n, d) and targets (n,)
int64, of which 0 is normal, to a loss; its class centres are weights that are trained too.
"""

import torch
from pytorch_metric_learning import losses
from torch import Tensor, nn
from torch.nn import functional as F

from tinyinspect import config

SUB_CENTERS = 3  # a class, in the paper's best setting


def loss_of(metric: config.Metric, classes: int, embedding: int) -> nn.Module:
    """The loss that the parameters name, for that many classes and numbers in an embedding."""
    margin, scale = metric.margin, metric.scale
    match metric.loss:
        case config.MetricLoss.ARCFACE:
            return losses.ArcFaceLoss(classes, embedding, margin, scale)
        case config.MetricLoss.SUB_CENTER_ARCFACE:
            return losses.SubCenterArcFaceLoss(classes, embedding, margin, scale, SUB_CENTERS)
        case config.MetricLoss.COSFACE:
            return losses.CosFaceLoss(classes, embedding, margin, scale)
        case config.MetricLoss.PROXY_ANCHOR:
            return losses.ProxyAnchorLoss(classes, embedding, margin, scale)
        case config.MetricLoss.ONE_CLASS:
            return OneClassLoss(embedding, margin, scale)


class OneClassLoss(nn.Module):
    """One centre, of the normal pictures: they are drawn to it, all others are only kept away from it.

    Source: Zhang et al., "One-class Learning Towards Synthetic Voice Spoofing Detection" (OC-Softmax), IEEE Signal
    Processing Letters 2021, with margins that lie alike on both sides of 0.5.
    """

    def __init__(self, embedding: int, margin: float, scale: float) -> None:
        super().__init__()
        self.centre = nn.Parameter(F.normalize(torch.randn(embedding), dim=0))
        self.margin, self.scale = margin, scale

    def forward(self, embeddings: Tensor, targets: Tensor) -> Tensor:
        """Mean over the pictures of softplus(scale * how far the cosine is on the wrong side of its margin)."""
        cosines = F.normalize(embeddings, dim=1) @ F.normalize(self.centre, dim=0)
        normal = targets == 0
        wrong = torch.where(normal, 0.5 + self.margin - cosines, cosines - 0.5 + self.margin)
        return F.softplus(self.scale * wrong).mean()
