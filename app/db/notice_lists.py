"""Notices as their owner looks at them, and as he sends them again."""

import operator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select, update

from app.db import jobs
from app.db.engine import Transaction
from app.db.tables import notices, webhook_endpoints

State = Literal["pending", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class Event:
    """A notice as it stands: `pending` while an attempt is to come, `failed` when none is. `url` is where it goes, or
    would go now."""

    id: UUID
    type: str
    sequence: int
    prediction_id: UUID | None
    endpoint_id: UUID | None
    url: str = field(repr=False)
    state: State
    attempts: int
    created_at: datetime
    delivered_at: datetime | None
    next_attempt_at: datetime | None
    last_outcome: str | None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """`before` is the id below which the page starts."""

    limit: int
    before: UUID | None = None
    endpoint_id: UUID | None = None
    prediction_id: UUID | None = None
    state: State | None = None
    type: str | None = None


_STATE = case(
    (notices.c.due_at.is_not(None), "pending"), (notices.c.delivered_at.is_not(None), "delivered"), else_="failed"
)


async def page(tx: Transaction, wanted: EventFilter, *, owner: str | None) -> list[Event]:
    """Newest first, at most `limit` of them; without an owner everybody's."""
    bounds: tuple[tuple[ColumnElement[Any], Any, Any], ...] = (
        (notices.c.owner, operator.eq, owner),
        (notices.c.id, operator.lt, wanted.before),
        (notices.c.endpoint_id, operator.eq, wanted.endpoint_id),
        (notices.c.prediction_id, operator.eq, wanted.prediction_id),
        (_STATE, operator.eq, wanted.state),
        (notices.c.type, operator.eq, wanted.type),
    )
    given = [compare(left, right) for left, compare, right in bounds if right is not None]
    query = _query().where(*given).order_by(notices.c.id.desc()).limit(wanted.limit)
    return [Event(**row) for row in (await tx.execute(query)).mappings()]


async def find(tx: Transaction, notice_id: UUID, *, owner: str | None) -> Event | None:
    """`owner` hides everybody else's."""
    query = _query().where(notices.c.id == notice_id)
    row = (await tx.execute(query if owner is None else query.where(notices.c.owner == owner))).mappings().one_or_none()
    return None if row is None else Event(**row)


def _query() -> Select[Any]:
    same = ("id", "type", "sequence", "prediction_id", "endpoint_id", "attempts", "created_at", "delivered_at")
    columns = [*(notices.c[name] for name in same), notices.c.last_outcome, notices.c.due_at.label("next_attempt_at")]
    url = func.coalesce(notices.c.url, webhook_endpoints.c.url).label("url")
    at = notices.outerjoin(webhook_endpoints, webhook_endpoints.c.id == notices.c.endpoint_id)
    return select(*columns, url, _STATE.label("state")).select_from(at)


async def send_again(tx: Transaction, notice_id: UUID) -> None:
    """Due now, whatever became of it, with a whole day of attempts before it."""
    renewed = update(notices).where(notices.c.id == notice_id)
    await tx.execute(renewed.values(due_at=func.now(), attempts=0, attempt_token=None))
    await jobs.enqueue_notices(tx, [(notice_id, 0)])
