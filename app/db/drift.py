"""The drift: our books beside what the provider says it billed, for each provider and day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import drift, ledger, predictions, tombstones


@dataclass(frozen=True, slots=True)
class Booked:
    """What the ledger says of one prediction; `provider_id` is None for what never had one."""

    provider_id: str | None
    day: date
    captured: Decimal


@dataclass(frozen=True, slots=True)
class Comparison:
    """USD. `unknown_here` are bills for predictions that we have no row of, `unknown_there` the other way round."""

    provider: str
    day: date
    ours: Decimal
    theirs: Decimal
    unknown_here: int
    unknown_there: int
    compared_at: datetime

    @property
    def difference(self) -> Decimal:
        return self.ours - self.theirs


async def booked(tx: Transaction, provider: str, since: date) -> list[Booked]:
    """Of every prediction since that day, deleted ones too."""
    known_as = func.coalesce(predictions.c.provider_id, tombstones.c.provider_id)
    query = (
        select(known_as, func.min(ledger.c.day), func.sum(ledger.c.captured))
        .select_from(ledger)
        .outerjoin(predictions, predictions.c.id == ledger.c.prediction_id)
        .outerjoin(tombstones, tombstones.c.prediction_id == ledger.c.prediction_id)
        .where(ledger.c.provider == provider, ledger.c.day >= since)
        .group_by(ledger.c.prediction_id, known_as)
    )
    return [Booked(*row) for row in await tx.execute(query)]


async def save(tx: Transaction, found: Sequence[Comparison]) -> None:
    for each in found:
        row = {
            "provider": each.provider,
            "day": each.day,
            "ours": each.ours,
            "theirs": each.theirs,
            "unknown_here": each.unknown_here,
            "unknown_there": each.unknown_there,
            "compared_at": each.compared_at,
        }
        changed = {name: value for name, value in row.items() if name not in ("provider", "day")}
        statement = upsert(drift).values(row)
        await tx.execute(statement.on_conflict_do_update(index_elements=["provider", "day"], set_=changed))


async def read(tx: Transaction, since: date) -> list[Comparison]:
    """Newest first."""
    query = select(drift).where(drift.c.day >= since).order_by(drift.c.day.desc(), drift.c.provider)
    return [Comparison(**row) for row in (await tx.execute(query)).mappings()]


async def last_compared(tx: Transaction, provider: str) -> datetime | None:
    query = select(func.max(drift.c.compared_at)).where(drift.c.provider == provider)
    last: datetime | None = (await tx.execute(query)).scalar_one()
    return last


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]
