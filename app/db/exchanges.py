"""Calls upstream as they were recorded (`watch.exchanges`), kept with their prediction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Integer, Text, Uuid, bindparam, select, text
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
    given = json.dumps([_row(each) for each in said], default=str)
    room = {"subject": prediction_id, "purpose": said[-1].purpose, "left": MOST_KEPT - len(said)}
    await tx.execute(_KEEP, {"given": given, **room})


def _row(each: Exchange) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in _TOLD}
    return told | {"ago": max(monotonic() - each.began, 0)}


_TOLD = ("purpose", "method", "url", "request", "status", "answer", "trouble", "seconds")
_KEEP = text(
    """
    WITH room AS (
        DELETE FROM exchanges
         WHERE prediction_id = :subject AND purpose = :purpose AND id NOT IN (
               SELECT id FROM exchanges WHERE prediction_id = :subject AND purpose = :purpose
                ORDER BY id DESC LIMIT :left))
    INSERT INTO exchanges (prediction_id, at, purpose, method, url, request, status, answer, trouble, seconds)
    SELECT :subject, clock_timestamp() - ago * interval '1 second',
           purpose, method, url, request, status, answer, trouble, seconds
      FROM json_to_recordset(CAST(:given AS json)) AS told (
           purpose text, method text, url text, request json, status int, answer json, trouble text,
           seconds double precision, ago double precision)
    """
).bindparams(
    bindparam("given", type_=Text),
    bindparam("subject", type_=Uuid),
    bindparam("purpose", type_=Text),
    bindparam("left", type_=Integer),
)
"""The times are the database's, counted back."""


async def read(tx: Transaction, prediction_id: UUID) -> list[Said]:
    """Oldest first."""
    columns = (each for each in exchanges.c if each.name not in ("id", "prediction_id"))
    query = select(*columns).where(exchanges.c.prediction_id == prediction_id).order_by(exchanges.c.id)
    return [Said(**row) for row in (await tx.execute(query)).mappings()]
