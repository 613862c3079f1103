"""The journal of a prediction: what was done and seen, in order, for its receipt. Notes are written, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, select

from app.db.engine import Transaction
from app.db.tables import events

Kind = Literal["created", "changed", "asked", "answered", "looked", "transfer", "cancel", "notified", "reopened"]


@dataclass(frozen=True, slots=True)
class Note:
    id: int
    at: datetime
    kind: str
    detail: dict[str, Any]


async def note(tx: Transaction, prediction_id: UUID, kind: Kind, **detail: Any) -> None:
    """`detail` is for people and without secrets; what is None is left out."""
    told = {name: value for name, value in detail.items() if value is not None}
    await tx.execute(insert(events).values(prediction_id=prediction_id, kind=kind, detail=told))


async def read(tx: Transaction, prediction_id: UUID) -> list[Note]:
    """Oldest first."""
    query = select(events.c.id, events.c.at, events.c.kind, events.c.detail)
    query = query.where(events.c.prediction_id == prediction_id).order_by(events.c.id)
    return [Note(**row) for row in (await tx.execute(query)).mappings()]
