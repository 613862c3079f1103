"""How endpoints take what they are sent: those that are overloaded rest, those that failed for days are found."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, cast, func, select, update

from app.db.endpoints import IS_BURDENED, UNBURDENED
from app.db.engine import Transaction
from app.db.tables import webhook_endpoints as endpoints
from app.domain.endpoints import DisabledReason, rest_after


async def try_once(tx: Transaction, endpoint_id: UUID, lease: timedelta) -> None:
    """One that is overloaded is tried by this one attempt, and by no other within its lease."""
    await _rest(tx, endpoint_id, lease)


async def heard(tx: Transaction, endpoint_id: UUID) -> None:
    """It took something: nothing is held against it any more."""
    await tx.execute(update(endpoints).where(endpoints.c.id == endpoint_id, IS_BURDENED).values(**UNBURDENED))


async def failed(
    tx: Transaction, endpoint_id: UUID, *, is_overloaded: bool, asked_rest: timedelta | None = None
) -> None:
    """`asked_rest` is what it asked for itself."""
    today = cast(func.timezone("UTC", func.now()), Date)
    first_today = cast(endpoints.c.failed_on.is_distinct_from(today), Integer)
    struck = update(endpoints).where(endpoints.c.id == endpoint_id, endpoints.c.disabled_at.is_(None))
    values = {
        "failing_since": func.coalesce(endpoints.c.failing_since, func.now()),
        "failing_days": endpoints.c.failing_days + first_today,
        "failed_on": today,
        "strikes": endpoints.c.strikes + 1 if is_overloaded else 0,
    }
    strikes = (await tx.execute(struck.values(values).returning(endpoints.c.strikes))).scalar_one_or_none()
    rest = max(filter(None, (rest_after(strikes or 0), asked_rest)), default=None)
    if rest is not None:
        await _rest(tx, endpoint_id, rest)


async def _rest(tx: Transaction, endpoint_id: UUID, time: timedelta) -> None:
    await tx.execute(update(endpoints).where(endpoints.c.id == endpoint_id).values(paused_until=func.now() + time))


async def call_at_once(tx: Transaction, endpoint_id: UUID) -> None:
    """Somebody asks for a call: it rests no longer."""
    await tx.execute(update(endpoints).where(endpoints.c.id == endpoint_id).values(strikes=0, paused_until=None))


async def disable(tx: Transaction, endpoint_id: UUID, reason: DisabledReason) -> bool:
    """False if it is already, or gone."""
    enabled = update(endpoints).where(endpoints.c.id == endpoint_id, endpoints.c.disabled_at.is_(None))
    off = enabled.values(disabled_at=func.now(), disabled_reason=reason.value, updated_at=func.now())
    return (await tx.execute(off)).rowcount == 1


async def failing_for(tx: Transaction, days: int) -> list[UUID]:
    """Without one success for so many days, with failures on as many of them."""
    query = select(endpoints.c.id).where(*_failing_for(days))
    return list((await tx.execute(query)).scalars())


async def to_warn_of(tx: Transaction, days: int) -> list[UUID]:
    """The same, each once for as long as it goes on failing."""
    unwarned = update(endpoints).where(*_failing_for(days), endpoints.c.warned_at.is_(None))
    return list((await tx.execute(unwarned.values(warned_at=func.now()).returning(endpoints.c.id))).scalars())


def _failing_for(days: int) -> tuple[Any, ...]:
    return (
        endpoints.c.failing_since <= func.now() - timedelta(days=days),
        endpoints.c.failing_days >= days,
        endpoints.c.disabled_at.is_(None),
    )
