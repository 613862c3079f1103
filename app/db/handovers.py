"""Handovers: creates by faces on their way to an answer, and those that have just got one (`domain.handovers`).

Identical ones are registered and judged one after the other, under a lock of their own that ends with the transaction.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, or_, select, text, update

from app.db.engine import Transaction
from app.db.tables import handovers
from app.domain.handovers import SILENCE, Handover, State

KEPT = text("interval '1 hour'")
_NOW = func.clock_timestamp()
_SHOWN = [handovers.c[name] for name in ("id", "process", "state", "prediction_id", "arrived_at", "seen_at")]


async def register(tx: Transaction, identity: bytes, process: UUID, elapsed: timedelta) -> tuple[int, datetime]:
    """Its id, and when it arrived, `elapsed` ago."""
    arrived_at = await lock(tx, identity) - elapsed
    own = {"identity": identity, "process": process, "state": State.OPEN.value, "arrived_at": arrived_at}
    statement = insert(handovers).values(**own, seen_at=_NOW).returning(handovers.c.id)
    return (await tx.execute(statement)).scalar_one(), arrived_at


async def lock(tx: Transaction, identity: bytes) -> datetime:
    """The time before the lock was waited for."""
    number = int.from_bytes(identity[:8], "big", signed=True)
    query = select(_NOW.label("at"), func.pg_advisory_xact_lock(number))
    return (await tx.execute(query)).one().at  # type: ignore[no-any-return]


async def others(
    tx: Transaction, identity: bytes, own: int, *, arrived_at: datetime, within: timedelta
) -> tuple[list[Handover], datetime]:
    """Those that ended lately or were under way when we arrived, the oldest first, and the time now."""
    now: datetime = (await tx.execute(select(_NOW))).scalar_one()
    lately, alive = handovers.c.seen_at >= arrived_at - within, handovers.c.seen_at >= arrived_at - SILENCE
    recent = or_(lately, and_(handovers.c.state == State.OPEN.value, alive))
    query = select(*_SHOWN).where(handovers.c.identity == identity, handovers.c.id != own, recent)
    rows = (await tx.execute(query.order_by(handovers.c.id))).mappings()
    return [Handover(**{**row, "state": State(row["state"])}) for row in rows], now


async def take(tx: Transaction, own: int, other: int) -> UUID | None:
    """What the other bought is handed over by us now."""
    gone = delete(handovers).where(handovers.c.id == other).returning(handovers.c.prediction_id)
    prediction_id: UUID | None = (await tx.execute(gone)).scalar_one_or_none()
    await bought(tx, own, prediction_id)
    return prediction_id


async def void(tx: Transaction, ids: Collection[int]) -> bool:
    """Whether all of them are gone; not if one has just bought."""
    statement = delete(handovers).where(handovers.c.id.in_(ids), handovers.c.prediction_id.is_(None))
    return not ids or (await tx.execute(statement)).rowcount == len(ids)


async def bought(tx: Transaction, own: int, prediction_id: UUID | None) -> bool:
    """In the transaction that buys. False if somebody took us for dead, and buys himself."""
    statement = update(handovers).where(handovers.c.id == own).values(prediction_id=prediction_id)
    return (await tx.execute(statement)).rowcount == 1


async def lose(tx: Transaction, own: int) -> None:
    """Its client has gone."""
    statement = update(handovers).where(handovers.c.id == own, handovers.c.state == State.OPEN.value)
    await tx.execute(statement.values(state=State.GONE.value, seen_at=_NOW))


async def end(tx: Transaction, own: int, *, answered: bool) -> None:
    """Answered, or else gone with what it bought; nothing remains of one that bought nothing."""
    if answered:
        statement = update(handovers).where(handovers.c.id == own)
        await tx.execute(statement.values(state=State.ANSWERED.value, seen_at=_NOW))
        return
    await tx.execute(delete(handovers).where(handovers.c.id == own, handovers.c.prediction_id.is_(None)))
    await lose(tx, own)


async def beat(tx: Transaction, ids: Collection[int]) -> None:
    """That they are as they were. Those that somebody is changing just now are passed by."""
    free = select(handovers.c.id).where(handovers.c.id.in_(ids)).order_by(handovers.c.id)
    statement = update(handovers).where(handovers.c.id.in_(free.with_for_update(skip_locked=True)))
    await tx.execute(statement.values(seen_at=_NOW))


async def forget_old(tx: Transaction) -> int:
    statement = delete(handovers).where(handovers.c.seen_at < func.now() - KEPT)
    return (await tx.execute(statement)).rowcount
