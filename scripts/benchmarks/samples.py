"""What is made of measured values: medians, percentiles, ratios of rounds."""

import statistics
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    """Raises ValueError if there are none."""
    if not values:
        raise ValueError("nothing was measured")
    return float(statistics.median(values))


def percentile(values: Sequence[float], percent: float) -> float:
    """By the nearest rank: the smallest value that so many percent do not exceed."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(int(rank) - 1, 0)]


def paired(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round, so that a machine whose speed drifts slows both."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def span(values: Sequence[float]) -> str:
    return f"{brief(min(values))}–{brief(max(values))}"


def brief(value: float) -> str:
    """Three digits, or whole thousands."""
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
