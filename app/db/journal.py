"""The journal of a prediction: what was done and seen, in order, for its receipt. Notes are written, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, select

from app.db.engine import Transaction
from app.db.tables import events, notices

Kind = Literal[
    "created",
    "changed",
    "asked",
    "fell_back",
    "answered",
    "looked",
    "transfer",
    "cancel",
    "notified",
    "reopened",
    "quarantined",
    "released",
    "published",
    "unpublished",
]
CREATED: Kind = "created"


@dataclass(frozen=True, slots=True)
class Note:
    id: int
    at: datetime
    kind: str
    detail: dict[str, Any]


async def note(tx: Transaction, prediction_id: UUID, kind: Kind, **detail: Any) -> None:
    """`detail` is for people and without secrets; what is None is left out."""
    await tx.execute(insert(events).values(row(prediction_id, kind, **detail)))


def row(prediction_id: UUID, kind: Kind, **detail: Any) -> dict[str, Any]:
    """The same, yet to be written (`writes`)."""
    told = {name: value for name, value in detail.items() if value is not None}
    return {"prediction_id": prediction_id, "kind": kind, "detail": told}


async def traceparent(tx: Transaction, subject: UUID) -> str | None:
    """Of the trace in which a prediction was created, W3C's; `subject` is its id, or that of a notice about it."""
    about = select(notices.c.prediction_id).where(notices.c.id == subject).scalar_subquery()
    told = select(events.c.detail["traceparent"].astext).where(
        events.c.prediction_id.in_([subject, about]), events.c.kind == CREATED
    )
    found: str | None = (await tx.execute(told.limit(1))).scalar_one_or_none()
    return found


async def read(tx: Transaction, prediction_id: UUID) -> list[Note]:
    """Oldest first."""
    query = select(events.c.id, events.c.at, events.c.kind, events.c.detail)
    query = query.where(events.c.prediction_id == prediction_id).order_by(events.c.id)
    return [Note(**row) for row in (await tx.execute(query)).mappings()]
