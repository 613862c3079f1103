"""Attempts to deliver a notice: when, how long it took, and what was answered; never the answer's body."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select

from app.db.engine import Transaction
from app.db.notices import Notice
from app.db.tables import notices
from app.db.tables import webhook_attempts as attempts
from app.domain.ids import uuid7


@dataclass(frozen=True, slots=True)
class Attempt:
    """`status` is None where nobody answered; `outcome` is a few words for people."""

    id: UUID
    notice_id: UUID
    type: str
    prediction_id: UUID | None
    at: datetime
    ok: bool
    status: int | None
    outcome: str
    seconds: float


async def note(tx: Transaction, notice: Notice, *, ok: bool, status: int | None, outcome: str, seconds: float) -> None:
    """The notice must be locked, so that it is there."""
    seen = {"at": notice.now, "ok": ok, "status": status, "outcome": outcome, "seconds": seconds}
    of = {"notice_id": notice.id, "endpoint_id": notice.endpoint_id}
    await tx.execute(insert(attempts).values(id=uuid7(notice.now), **of, **seen))


async def of_notice(tx: Transaction, notice_id: UUID) -> list[Attempt]:
    """Oldest first."""
    return await _read(tx, _query().where(attempts.c.notice_id == notice_id).order_by(attempts.c.id))


async def at_endpoint(
    tx: Transaction, endpoint_id: UUID, *, limit: int, before: UUID | None = None
) -> Sequence[Attempt]:
    """Newest first, older than `before`."""
    query = _query().where(attempts.c.endpoint_id == endpoint_id)
    if before is not None:
        query = query.where(attempts.c.id < before)
    return await _read(tx, query.order_by(attempts.c.id.desc()).limit(limit))


def _query() -> Select[Any]:
    own = [attempts.c[name] for name in ("id", "notice_id", "at", "ok", "status", "outcome", "seconds")]
    return select(*own, notices.c.type, notices.c.prediction_id).join(notices, notices.c.id == attempts.c.notice_id)


async def _read(tx: Transaction, query: Select[Any]) -> list[Attempt]:
    return [Attempt(**row) for row in (await tx.execute(query)).mappings()]
