"""Notices: what a client's own webhook is owed, one row for each event, kept until it was delivered or given up."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import jobs
from app.db.engine import Transaction
from app.db.tables import notices, webhook_secrets
from app.domain.ids import uuid7
from app.domain.prediction import Prediction


@dataclass(frozen=True, slots=True)
class Notice:
    """An attempt to deliver one: `id` is the `webhook-id` of every attempt, `token` proves this one."""

    id: UUID
    prediction_id: UUID
    owner: str
    url: str = field(repr=False)
    event: str
    created_at: datetime
    attempts: int
    token: UUID
    now: datetime


async def owe(tx: Transaction, prediction: Prediction, event: str, now: datetime) -> None:
    """Once for each event of a prediction; nothing if its owner wants no such event."""
    webhook = prediction.webhook
    if webhook is None or not webhook.wants(event, prediction.status):
        return
    statement = upsert(notices).values(
        id=uuid7(now),
        prediction_id=prediction.id,
        owner=prediction.owner,
        url=webhook.url,
        event=event,
        created_at=now,
        due_at=now,
    )
    made = (await tx.execute(statement.on_conflict_do_nothing().returning(notices.c.id))).scalar_one_or_none()
    if made is not None:
        await jobs.enqueue_notices(tx, [(made, 0)])


async def claim(tx: Transaction, notice_id: UUID, lease: timedelta) -> Notice | None:
    """None if it is delivered, not due, or somebody is at it."""
    statement = (
        update(notices)
        .where(notices.c.id == notice_id, notices.c.due_at <= func.now())
        .values(attempts=notices.c.attempts + 1, attempt_token=uuid4(), due_at=func.now() + lease)
        .returning(
            *(notices.c[name] for name in ("id", "prediction_id", "owner", "url", "event", "created_at", "attempts")),
            notices.c.attempt_token.label("token"),
            func.now().label("now"),
        )
    )
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else Notice(**row)


async def conclude(
    tx: Transaction, notice: Notice, outcome: str, *, again_in: timedelta | None = None, delivered: bool = False
) -> None:
    """`again_in` None ends it. Changes nothing if another attempt has taken over."""
    mine = (notices.c.id == notice.id, notices.c.attempt_token == notice.token)
    values = {
        "last_outcome": outcome,
        "due_at": None if again_in is None else func.now() + again_in,
        "delivered_at": func.now() if delivered else None,
    }
    await tx.execute(update(notices).where(*mine).values(values))


async def enqueue_due(tx: Transaction, limit: int = 200) -> int:
    query = select(notices.c.id, notices.c.attempts).where(notices.c.due_at <= func.now())
    rows: Sequence[tuple[UUID, int]] = [
        (row.id, row.attempts) for row in await tx.execute(query.order_by(notices.c.due_at).limit(limit))
    ]
    if rows:
        await jobs.enqueue_notices(tx, rows)
    return len(rows)


async def signing_secret(tx: Transaction, owner: str) -> str:
    """The owner's own, made at first use: `whsec_` and 32 random bytes in base64 (Standard Webhooks)."""
    fresh = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    await tx.execute(upsert(webhook_secrets).values(owner=owner, secret=fresh).on_conflict_do_nothing())
    query = select(webhook_secrets.c.secret).where(webhook_secrets.c.owner == owner)
    return str((await tx.execute(query)).scalar_one())


async def of_prediction(tx: Transaction, prediction_id: UUID) -> list[dict[str, object]]:
    names = ("id", "event", "created_at", "attempts", "due_at", "delivered_at", "last_outcome")
    query = select(*(notices.c[name] for name in names)).where(notices.c.prediction_id == prediction_id)
    return [dict(row) for row in (await tx.execute(query.order_by(notices.c.id))).mappings()]
