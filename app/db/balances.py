"""Balances: what an account holds and has captured in a period, for budgets alone.

A row exists only where some budget looks at it; it is opened with the ledger's own sums, so that a budget set in the
middle of a day counts the whole day. Only admissions lock it, as the last thing before their commit and always in one
order. What an end moves is appended to `balance_moves` and folded in by the next admission, so that a process that
freezes while it books an end holds up nobody's purchase. A balance with its moves is always the ledger's sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    and_,
    delete,
    func,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import balance_moves as moves
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


async def hold(tx: Transaction, names: Sequence[Balance], amount: Decimal) -> dict[Balance, Standing]:
    """Those of them that exist, with the hold and all that has ended since; locked until the transaction ends."""
    locked = (await tx.execute(_LOCK, _given(names))).all()
    return await _fold(tx, [Balance(*row) for row in locked], amount) if locked else {}


async def fold_all(tx: Transaction) -> int:
    """What nobody else is at, and drop the moves of balances that do not exist. Returns how many rows had moves."""
    exists = select(balances.c.account).where(
        balances.c.account == moves.c.account, balances.c.period == moves.c.period
    )
    await tx.execute(delete(moves).where(~exists.exists()))
    waiting = select(moves.c.account, moves.c.period).distinct()
    query = select(balances.c.account, balances.c.period).where(
        tuple_(balances.c.account, balances.c.period).in_(waiting)
    )
    ordered = query.order_by(balances.c.account, balances.c.period).with_for_update(skip_locked=True)
    locked = [Balance(*row) for row in (await tx.execute(ordered)).all()]
    if locked:
        await _fold(tx, locked, Decimal(0))
    return len(locked)


def moved(names: Sequence[Balance], held: Decimal, captured: Decimal) -> list[dict[str, object]]:
    """Rows yet to be written (`writes`), for which nobody waits."""
    return [{"account": name.account, "period": name.period, "held": held, "captured": captured} for name in names]


async def read(tx: Transaction, names: Sequence[Balance]) -> dict[Balance, Standing]:
    """As they stand, with what is not folded in yet; without those that do not exist."""
    return _read((await tx.execute(_standing().where(_named(balances, names)))).all())


async def standings(tx: Transaction, names: Sequence[Balance]) -> dict[Balance, Standing]:
    """Of those that nobody has opened yet too, from the ledger."""
    found = await read(tx, names) if names else {}
    return {name: found.get(name) or await _summed(tx, name) for name in names}


async def open_missing(tx: Transaction, names: Sequence[Balance]) -> None:
    """In a transaction of its own: it waits until nobody is writing into the ledger, and keeps all out meanwhile."""
    await tx.execute(text("LOCK TABLE ledger IN SHARE ROW EXCLUSIVE MODE"))
    for name in names:
        sums = await _summed(tx, name)
        row = {"account": name.account, "period": name.period, "held": sums.held, "captured": sums.captured}
        opened = upsert(balances).values(row).on_conflict_do_nothing().returning(balances.c.account)
        if (await tx.execute(opened)).first() is not None:
            await tx.execute(delete(moves).where(_named(moves, [name])))


async def wrong(tx: Transaction) -> dict[Balance, tuple[Standing, Standing]]:
    """Balances that differ from the ledger's sums, as they stand and as they should: recomputing is the check."""
    await tx.execute(text("LOCK TABLE ledger IN SHARE ROW EXCLUSIVE MODE"))
    found = {}
    for name, standing in _read((await tx.execute(_standing())).all()).items():
        summed = await _summed(tx, name)
        if summed != standing:
            found[name] = (standing, summed)
    return found


async def _fold(tx: Transaction, names: Sequence[Balance], amount: Decimal) -> dict[Balance, Standing]:
    """`names` are locked by us, so nobody else folds them."""
    return _read((await tx.execute(_FOLD, {**_given(names), "amount": amount})).all())


def _given(names: Sequence[Balance]) -> dict[str, list[str]]:
    return {"accounts": [name.account for name in names], "periods": [name.period for name in names]}


_NAMED = "unnest(CAST(:accounts AS text[]), CAST(:periods AS text[])) AS named (account, period)"
_LOCK = text(
    f"""
    SELECT account, period FROM balances
    WHERE (account, period) IN (SELECT account, period FROM {_NAMED})
    ORDER BY account, period FOR UPDATE
    """  # noqa: S608, our own
)
_FOLD = text(
    f"""
    WITH gone AS (
        DELETE FROM balance_moves AS moves USING {_NAMED}
        WHERE moves.account = named.account AND moves.period = named.period
        RETURNING moves.account, moves.period, moves.held, moves.captured
    ), sums AS (
        SELECT account, period, sum(held) AS held, sum(captured) AS captured FROM gone GROUP BY account, period
    )
    UPDATE balances SET
        held = balances.held + CAST(:amount AS numeric) + coalesce(sums.held, 0),
        captured = balances.captured + coalesce(sums.captured, 0)
    FROM {_NAMED} LEFT JOIN sums ON sums.account = named.account AND sums.period = named.period
    WHERE balances.account = named.account AND balances.period = named.period
    RETURNING balances.account, balances.period, balances.held, balances.captured
    """  # noqa: S608, our own
)
"""Written out, since they are asked at every create: to compose them anew took longer than to run them."""


def _standing() -> Select[Any]:
    pending = _sums(moves).subquery("pending")
    same = and_(pending.c.account == balances.c.account, pending.c.period == balances.c.period)
    return select(
        balances.c.account,
        balances.c.period,
        (balances.c.held + func.coalesce(pending.c.held, 0)).label("held"),
        (balances.c.captured + func.coalesce(pending.c.captured, 0)).label("captured"),
    ).select_from(balances.outerjoin(pending, same))


def _sums(source: FromClause) -> Select[Any]:
    columns = source.c
    held, captured = func.sum(columns.held).label("held"), func.sum(columns.captured).label("captured")
    return select(columns.account, columns.period, held, captured).group_by(columns.account, columns.period)


def _named(source: FromClause, names: Sequence[Balance]) -> ColumnElement[bool]:
    wanted = [(name.account, name.period) for name in names]
    return tuple_(source.c.account, source.c.period).in_(wanted)


def _read(rows: Sequence[Row[Any]]) -> dict[Balance, Standing]:
    return {Balance(row.account, row.period): Standing(row.held, row.captured) for row in rows}


async def _summed(tx: Transaction, name: Balance) -> Standing:
    sums = select(func.coalesce(func.sum(ledger.c.held), 0), func.coalesce(func.sum(ledger.c.captured), 0))
    held, captured = (await tx.execute(sums.where(_counted_in(name)))).one()
    return Standing(held, captured)


def _counted_in(name: Balance) -> ColumnElement[bool]:
    """Which entries."""
    is_own = true() if name.account == SERVICE else ledger.c.key_id == UUID(name.account.removeprefix("key:"))
    if name.period == EVER:
        return and_(is_own)
    if len(name.period) == len("2026-11"):
        first = date.fromisoformat(f"{name.period}-01")
        return and_(is_own, ledger.c.day >= first, ledger.c.day < (first + timedelta(days=32)).replace(day=1))
    return and_(is_own, ledger.c.day == date.fromisoformat(name.period))
