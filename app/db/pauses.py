"""A provider that limits us is asked nothing more by anybody until it may be: its 429 speaks for all of our asking."""

from datetime import timedelta

from sqlalchemy import func, null, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import provider_pauses as pauses

AWAY_FOR = timedelta(seconds=1)
"""So long is a provider left alone that limits us without saying for how long, or cannot be reached at all."""


async def pause(tx: Transaction, provider: str, length: timedelta, *, limited: bool = False) -> None:
    """The longer pause wins. `limited`: for submissions too."""
    until = func.now() + length
    statement = upsert(pauses).values(provider=provider, until=until, limited_until=until if limited else null())
    longer = {
        name: func.greatest(pauses.c[name], statement.excluded[name])  # the greatest of a time and NULL is the time
        for name in ("until", "limited_until")
    }
    await tx.execute(statement.on_conflict_do_update(index_elements=["provider"], set_=longer))


async def time_left(tx: Transaction, provider: str) -> timedelta | None:
    """None if it may be asked."""
    query = select(pauses.c.until - func.now()).where(pauses.c.provider == provider, pauses.c.until > func.now())
    left: timedelta | None = (await tx.execute(query)).scalar_one_or_none()
    return left
