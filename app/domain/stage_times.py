"""How long a prediction spent in each of its stages."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

TOTAL = "total"
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 90.0, 180.0, 600.0)
"""Seconds. The largest lie where outputs are deleted, and beyond."""


def stage_times(entered: Sequence[tuple[str, datetime]]) -> dict[str, float]:
    """Seconds by stage, and `total`, from the stages in the order in which they were entered; the last one is left out.
    A stage that was entered twice counts as one."""
    found: dict[str, float] = defaultdict(float)
    for (stage, begin), (_, end) in pairwise(entered):
        found[stage] += max((end - begin).total_seconds(), 0.0)
    return {**found, TOTAL: sum(found.values())}


def bucket_of(seconds: float) -> float:
    """The smallest bound that it fits under; infinity beyond the last."""
    return next((bound for bound in BUCKETS if seconds <= bound), float("inf"))
