"""Calls upstream as they were recorded (`watch.exchanges`), kept with their prediction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.exc import DBAPIError

from app.db.engine import Transaction, is_away
from app.db.tables import exchanges
from app.watch.exchanges import Exchange, Purpose

MOST_KEPT = 12
"""For each purpose of a prediction, the newest: a film of an hour is looked at hundreds of times."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Said:
    """As in `watch.exchanges`; `at` is when it began."""

    at: datetime
    purpose: Purpose
    method: str
    url: str = field(repr=False)
    request: dict[str, Any] = field(repr=False)
    status: int | None
    answer: dict[str, Any] | None = field(repr=False)
    trouble: str | None
    seconds: float


async def keep(tx: Transaction, prediction_id: UUID, said: Sequence[Exchange]) -> None:
    """In place of the oldest of their purpose. Of what cannot be kept the rest of the transaction hears nothing."""
    if not said:
        return
    try:
        async with tx.begin_nested():
            await _insert(tx, prediction_id, said[-MOST_KEPT:])
    except DBAPIError as error:
        if is_away(error):
            raise
        log.warning("exchange not kept", reason=type(error.orig).__name__)


async def _insert(tx: Transaction, prediction_id: UUID, said: Sequence[Exchange]) -> None:
    of_purpose = (exchanges.c.prediction_id == prediction_id) & (exchanges.c.purpose == said[-1].purpose)
    newest = select(exchanges.c.id).where(of_purpose).order_by(exchanges.c.id.desc()).limit(MOST_KEPT - len(said))
    room = delete(exchanges).where(of_purpose, exchanges.c.id.not_in(newest)).cte("room")
    rows = [_row(prediction_id, each) for each in said]
    await tx.execute(insert(exchanges).values(rows).add_cte(room))


def _row(prediction_id: UUID, each: Exchange) -> dict[str, Any]:
    """The time is the database's, counted back."""
    ago = literal(timedelta(seconds=max(monotonic() - each.began, 0)))
    told = ("purpose", "method", "url", "request", "status", "answer", "trouble", "seconds")
    row = {name: getattr(each, name) for name in told}
    return row | {"prediction_id": prediction_id, "at": func.clock_timestamp() - ago}


async def read(tx: Transaction, prediction_id: UUID) -> list[Said]:
    """Oldest first."""
    columns = (each for each in exchanges.c if each.name not in ("id", "prediction_id"))
    query = select(*columns).where(exchanges.c.prediction_id == prediction_id).order_by(exchanges.c.id)
    return [Said(**row) for row in (await tx.execute(query)).mappings()]
