"""Measures as a person reads them."""


def percent(value: float, low: float, high: float, digits: int = 1) -> tuple[str, str]:
    """A share and its interval, both in percent."""
    return plain(value, digits), f"{100 * low:.1f}-{100 * high:.1f}"


def plain(value: float, digits: int = 1) -> str:
    """A share in percent."""
    return f"{100 * value:.{digits}f}"


def change(lost: float, digits: int) -> str:
    """What was lost, or gained where the loss is negative, in words."""
    return f"gains {-lost:.{digits}f}" if lost < 0 else f"loses {lost:.{digits}f}"
