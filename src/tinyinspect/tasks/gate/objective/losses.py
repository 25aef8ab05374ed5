"""Losses that turn embeddings so that their cosines tell normal pictures from others.

All but the one-class loss come from pytorch-metric-learning. Each is a module from embeddings (n, d) and targets (n,)
int64, of which 0 is normal, to a loss; its class centres are weights that are trained too.
"""

import torch
from pytorch_metric_learning import losses
from torch import Tensor, nn
from torch.nn import functional as F

from tinyinspect.tasks.gate.settings import Loss, MetricLoss

SUB_CENTERS = 3  # a class, in the paper's best setting


def loss_of(settings: Loss, classes: int, embedding: int) -> nn.Module:
    """The loss that the parameters name.

    Args:
        settings: name, margin, scale, and label smoothing of the losses that end in a softmax.
        classes: how many targets there are.
        embedding: numbers in an embedding.
    """
    margin, scale, label_smoothing = settings.margin, settings.scale, settings.label_smoothing
    sizes = {"num_classes": classes, "embedding_size": embedding}
    match settings.name:
        case MetricLoss.ARCFACE:
            return _smoothed(losses.ArcFaceLoss(**sizes, margin=margin, scale=scale), label_smoothing)
        case MetricLoss.SUB_CENTER_ARCFACE:
            loss = losses.SubCenterArcFaceLoss(**sizes, margin=margin, scale=scale, sub_centers=SUB_CENTERS)
            return _smoothed(loss, label_smoothing)
        case MetricLoss.COSFACE:
            return _smoothed(losses.CosFaceLoss(**sizes, margin=margin, scale=scale), label_smoothing)
        case MetricLoss.PROXY_ANCHOR:
            return losses.ProxyAnchorLoss(**sizes, margin=margin, alpha=scale)
        case MetricLoss.ONE_CLASS:
            return OneClassLoss(embedding, margin, scale)


def _smoothed(loss: nn.Module, label_smoothing: float) -> nn.Module:
    loss.cross_entropy = nn.CrossEntropyLoss(reduction="none", label_smoothing=label_smoothing)
    return loss


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
