"""Balances: what an account holds and has captured in a period, for budgets alone.

A row exists only where some budget looks at it; it is opened with the ledger's own sums, so that a budget set in the
middle of a day counts the whole day. Rows are locked in one fixed order, as the last thing before a commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, text, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import balances, ledger
from app.domain.budgets import EVER, SERVICE, Balance


@dataclass(frozen=True, slots=True)
class Standing:
    """USD."""

    held: Decimal
    captured: Decimal

    @property
    def spent(self) -> Decimal:
        return self.held + self.captured


async def move(tx: Transaction, names: Sequence[Balance], held: Decimal, captured: Decimal) -> dict[Balance, Standing]:
    """Those of them that exist, as they stand afterwards; they stay locked until the transaction ends."""
    locked = _of(names).with_for_update().cte("locked")
    statement = (
        update(balances)
        .where(balances.c.account == locked.c.account, balances.c.period == locked.c.period)
        .values(held=balances.c.held + held, captured=balances.c.captured + captured)
        .returning(balances.c.account, balances.c.period, balances.c.held, balances.c.captured)
    )
    return _read((await tx.execute(statement)).all())


async def read(tx: Transaction, names: Sequence[Balance]) -> dict[Balance, Standing]:
    return _read((await tx.execute(_of(names))).all())


async def open_missing(tx: Transaction, names: Sequence[Balance]) -> None:
    """In a transaction of its own: it waits until nobody is writing into the ledger, and keeps all out meanwhile."""
    await tx.execute(text("LOCK TABLE ledger IN SHARE ROW EXCLUSIVE MODE"))
    for name in names:
        sums = await _summed(tx, name)
        row = {"account": name.account, "period": name.period, "held": sums.held, "captured": sums.captured}
        await tx.execute(upsert(balances).values(row).on_conflict_do_nothing())


async def wrong(tx: Transaction) -> dict[Balance, tuple[Standing, Standing]]:
    """Balances that differ from the ledger's sums, as they stand and as they should: recomputing is the check."""
    await tx.execute(text("LOCK TABLE ledger IN SHARE ROW EXCLUSIVE MODE"))
    found = {}
    for name, standing in _read((await tx.execute(select(balances))).all()).items():
        summed = await _summed(tx, name)
        if summed != standing:
            found[name] = (standing, summed)
    return found


async def _summed(tx: Transaction, name: Balance) -> Standing:
    sums = select(func.coalesce(func.sum(ledger.c.held), 0), func.coalesce(func.sum(ledger.c.captured), 0))
    held, captured = (await tx.execute(sums.where(_counted_in(name)))).one()
    return Standing(held, captured)


def _of(names: Sequence[Balance]) -> Select[tuple[str, str, Decimal, Decimal]]:
    wanted = tuple_(balances.c.account, balances.c.period).in_([(name.account, name.period) for name in names])
    columns = (balances.c.account, balances.c.period, balances.c.held, balances.c.captured)
    return select(*columns).where(wanted).order_by(balances.c.account, balances.c.period)


def _read(rows: Sequence[Row[Any]]) -> dict[Balance, Standing]:
    return {Balance(row.account, row.period): Standing(row.held, row.captured) for row in rows}


def _counted_in(name: Balance) -> ColumnElement[bool]:
    """Which entries."""
    is_own = true() if name.account == SERVICE else ledger.c.key_id == UUID(name.account.removeprefix("key:"))
    if name.period == EVER:
        return and_(is_own)
    if len(name.period) == len("2026-11"):
        first = date.fromisoformat(f"{name.period}-01")
        return and_(is_own, ledger.c.day >= first, ledger.c.day < (first + timedelta(days=32)).replace(day=1))
    return and_(is_own, ledger.c.day == date.fromisoformat(name.period))
