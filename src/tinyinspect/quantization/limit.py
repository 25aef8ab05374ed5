"""Whether int8 loses more than a line allows."""


def exceeds(ci_low: float, limit: float | None) -> bool:
    """Whether the loss exceeds the limit beyond its interval: even its lower bound does.

    Args:
        ci_low: lower bound of the accuracy lost, percentage points; ``quantization.ci_low`` of ``metrics.json``.
        limit: ``quantize.max_accuracy_lost_points``; None allows any loss.
    """
    return limit is not None and ci_low > limit
