"""The journal of a prediction: what was done and seen, in order, for its receipt. Notes are written, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, select

from app.db.engine import Transaction
from app.db.tables import events, notices
from app.db.writes import later

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


def note(tx: Transaction, prediction_id: UUID, kind: Kind, **detail: Any) -> None:
    """Written when `tx` ends. `detail` is for people and without secrets; what is None is left out."""
    later(tx).events.append(row(prediction_id, kind, **detail))


def row(prediction_id: UUID, kind: Kind, **detail: Any) -> dict[str, Any]:
    """The same, for whoever writes it himself."""
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
    return await _notes(tx, _of(prediction_id).order_by(events.c.id))


async def latest(tx: Transaction, prediction_id: UUID, kind: Kind, limit: int) -> list[Note]:
    """Newest first."""
    query = _of(prediction_id).where(events.c.kind == kind)
    return await _notes(tx, query.order_by(events.c.id.desc()).limit(limit))


def _of(prediction_id: UUID) -> Select[Any]:
    columns = (events.c.id, events.c.at, events.c.kind, events.c.detail)
    return select(*columns).where(events.c.prediction_id == prediction_id)


async def _notes(tx: Transaction, query: Select[Any]) -> list[Note]:
    return [Note(**row) for row in (await tx.execute(query)).mappings()]
