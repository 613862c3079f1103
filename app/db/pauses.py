"""A provider that limits us is asked nothing more by anybody until it may be: its 429 speaks for all of our asking."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import provider_pauses as pauses


async def pause(tx: Transaction, provider: str, length: timedelta) -> None:
    """The longer pause wins."""
    statement = upsert(pauses).values(provider=provider, until=func.now() + length)
    longer = func.greatest(pauses.c.until, statement.excluded.until)
    await tx.execute(statement.on_conflict_do_update(index_elements=["provider"], set_={"until": longer}))


async def time_left(tx: Transaction, provider: str) -> timedelta | None:
    """None if it may be asked."""
    query = select(pauses.c.until - func.now()).where(pauses.c.provider == provider, pauses.c.until > func.now())
    left: timedelta | None = (await tx.execute(query)).scalar_one_or_none()
    return left
