"""Counters that every process adds to and all agree on, kept in the transaction of what they count.

A count is a row of its own, so nobody waits for anybody, and what is rolled back was never counted. Every ten seconds a
worker folds the rows into one for each series; reading adds up what it finds, in one statement and so exactly, before
as after a fold. The table is as long as what was counted since, however many predictions there are.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, func, insert, select

from app.db.engine import Transaction
from app.db.tables import tallies
from app.db.writes import later, written

Name = Literal[
    "predictions",  # labels: provider, model, end, code
    "stage_seconds",  # labels: provider, stage; a histogram
    "deliveries",  # labels: verdict
    "outputs_lost",  # labels: provider
    "outputs_urgent",  # labels: provider
    "usd_captured",  # labels: provider, model; `total` is USD
    "worker_signs",
]
FOLDED_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Tally:
    """`total` is what was measured, `bucket` the histogram's bound that it fell under; None where there is none."""

    name: Name
    labels: tuple[str, ...] = ()
    total: float = 0.0
    bucket: float | None = None
    count: int = 1


@dataclass(slots=True)
class Sum:
    """Of one series. `buckets` are counts by their bound, each without those below it."""

    count: int = 0
    total: float = 0.0
    last_at: datetime | None = None
    buckets: dict[float, int] = field(default_factory=dict)


Sums = dict[tuple[str, tuple[str, ...]], Sum]


def add(tx: Transaction, *new: Tally) -> None:
    """Written when `tx` ends."""
    later(tx).tallies.extend(map(row, new))


def row(tally: Tally) -> dict[str, object]:
    """The same, for whoever writes it himself. JSON has no infinity, which is the last bucket's bound."""
    facts = {name: getattr(tally, name) for name in ("name", "total", "count")}
    return {**facts, "labels": list(tally.labels), "bucket": None if tally.bucket is None else str(tally.bucket)}


_SERIES = (tallies.c.name, tallies.c.labels, tallies.c.bucket)


async def read(tx: Transaction) -> Sums:
    """By name and labels."""
    await written(tx)
    sums = (func.sum(tallies.c.count), func.sum(tallies.c.total), func.max(tallies.c.at))
    found: Sums = {}
    for name, labels, bucket, count, total, at in await tx.execute(select(*_SERIES, *sums).group_by(*_SERIES)):
        series = found.setdefault((name, tuple(labels)), Sum())
        series.count += int(count)
        series.total += total
        series.last_at = at if series.last_at is None else max(series.last_at, at)
        if bucket is not None:
            series.buckets[bucket] = int(count)
    return found


async def fold(tx: Transaction) -> int:
    """Many rows into one for each series. Returns how many there were. Two at once take different rows."""
    taken = select(tallies.c.id).order_by(tallies.c.id).limit(FOLDED_AT_ONCE).with_for_update(skip_locked=True)
    gone = delete(tallies).where(tallies.c.id.in_(taken)).returning(*tallies.c).cte("gone")
    series = (gone.c.name, gone.c.labels, gone.c.bucket)
    sums = (func.sum(gone.c.count), func.sum(gone.c.total), func.max(gone.c.at))
    summed = select(*series, *sums).group_by(*series)
    folding = insert(tallies).from_select(["name", "labels", "bucket", "count", "total", "at"], summed)
    before = int((await tx.execute(select(func.count()).select_from(tallies))).scalar_one())
    await tx.execute(folding)
    return before
