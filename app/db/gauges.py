"""Figures read from the rows, the same for every process that is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from app.db import drift, tallies
from app.db.drift import Comparison
from app.db.engine import Transaction
from app.db.owed import longest_overdue
from app.db.tables import deliveries, ledger, notices, predictions
from app.db.tallies import Sums


@dataclass(frozen=True, slots=True)
class Gauges:
    """`unfinished` is by stage, `money` is USD by what: held, and captured today. `drift` is of today and yesterday.
    Everything here comes from partial indexes, of one day's entries, or of the tallies, however many rows there are."""

    unfinished: dict[str, int]
    overdue: timedelta
    deliveries_pending: int
    notices_pending: int
    money: dict[str, Decimal]
    drift: Sequence[Comparison]
    tallies: Sums
    now: datetime

    @property
    def worker_silent(self) -> timedelta | None:
        """Since any worker's last sign of life; None if there never was one."""
        signs = self.tallies.get(("worker_signs", ()))
        return None if signs is None or signs.last_at is None else self.now - signs.last_at


async def read(tx: Transaction, today: date) -> Gauges:
    stages = select(predictions.c.stage, func.count().label("unfinished")).where(predictions.c.work.is_not(None))
    pending = select(func.count()).where(deliveries.c.applied_at.is_(None), deliveries.c.trouble.is_(None))
    untold = select(func.count()).where(notices.c.due_at.is_not(None))
    return Gauges(
        unfinished={row.stage: row.unfinished for row in await tx.execute(stages.group_by(predictions.c.stage))},
        overdue=await longest_overdue(tx),
        deliveries_pending=(await tx.execute(pending)).scalar_one(),
        notices_pending=(await tx.execute(untold)).scalar_one(),
        money=await _money(tx, today),
        drift=await drift.read(tx, today - timedelta(days=1)),
        tallies=await tallies.read(tx),
        now=(await tx.execute(select(func.now()))).scalar_one(),
    )


async def _money(tx: Transaction, today: date) -> dict[str, Decimal]:
    sums = (func.coalesce(func.sum(ledger.c.held), 0), func.coalesce(func.sum(ledger.c.captured), 0))
    held, captured = (await tx.execute(select(*sums).where(ledger.c.day == today))).one()
    return {"held": held, "captured": captured}
