"""What was spent, summed from the ledger, whose days are those of BUDGET_TIMEZONE."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true

from app.db.engine import Transaction
from app.db.tables import api_keys, ledger
from app.domain.money import EntryKind


@dataclass(frozen=True, slots=True)
class Sums:
    """USD. `total` is of all days, `held` of all that is unfinished."""

    today: Decimal
    total: Decimal
    held: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """What one day, provider, model or key captured, and how many captures that were."""

    name: str
    captured: Decimal
    predictions: int


async def sums(tx: Transaction, today: date, owner: str | None) -> Sums:
    """`owner` None is for everybody."""
    captured, zero = ledger.c.captured, Decimal(0)
    query = select(
        func.coalesce(func.sum(captured).filter(ledger.c.day == today), zero),
        func.coalesce(func.sum(captured), zero),
        func.coalesce(func.sum(ledger.c.held), zero),
    )
    return Sums(*(await tx.execute(query.where(_own(owner)))).one())


async def held_on(tx: Transaction, day: date, owner: str | None) -> Decimal:
    """What predictions of that day still hold."""
    query = select(func.coalesce(func.sum(ledger.c.held), Decimal(0))).where(_own(owner), ledger.c.day == day)
    held: Decimal = (await tx.execute(query)).scalar_one()
    return held


async def by_day(tx: Transaction, since: date, owner: str | None) -> list[Share]:
    """Oldest first; days on which nothing was captured are left out."""
    return await _shares(tx, ledger.c.day, since, owner, newest_last=True)


async def by_provider(tx: Transaction, since: date, owner: str | None) -> list[Share]:
    return await _shares(tx, ledger.c.provider, since, owner)


async def by_model(tx: Transaction, since: date, owner: str | None) -> list[Share]:
    return await _shares(tx, ledger.c.model, since, owner)


async def by_key(tx: Transaction, since: date, owner: str | None) -> list[Share]:
    """Under the key's id; `-` is for what was created without one."""
    return await _shares(tx, ledger.c.key_id, since, owner)


async def key_names(tx: Transaction, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Prefix and name of each."""
    query = select(api_keys.c.id, api_keys.c.prefix, api_keys.c.name).where(api_keys.c.id.in_(ids))
    return {row.id: (row.prefix, row.name) for row in await tx.execute(query)}


async def _shares(
    tx: Transaction, column: ColumnElement[Any], since: date, owner: str | None, *, newest_last: bool = False
) -> list[Share]:
    captured = func.sum(ledger.c.captured)
    query = select(column.label("name"), captured.label("captured"), func.count().label("predictions"))
    query = query.where(_own(owner), ledger.c.day >= since, ledger.c.kind == EntryKind.CAPTURE.value).group_by(column)
    rows = await tx.execute(query.order_by(column if newest_last else captured.desc()).limit(400))
    return [Share("-" if row.name is None else str(row.name), row.captured, row.predictions) for row in rows]


def _own(owner: str | None) -> ColumnElement[bool]:
    return and_(true()) if owner is None else ledger.c.owner == owner
