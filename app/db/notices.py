"""Notices: what clients are owed to be told, one row for each event and whoever is told of it, kept until it was
delivered or given up.

A create's own webhook has its URL in the row; an endpoint (`endpoints`) is asked for its own when it is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Integer, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import endpoints, jobs
from app.db.engine import Transaction
from app.db.tables import notices, webhook_endpoints, webhook_secrets
from app.domain.ids import uuid7
from app.domain.notices import type_of
from app.domain.prediction import Prediction
from app.domain.standard_webhooks import new_secret

_CLAIMED = (
    "id",
    "prediction_id",
    "endpoint_id",
    "owner",
    "event",
    "type",
    "sequence",
    "data",
    "created_at",
    "attempts",
)
DEFERRED_SECONDS = 2.0
"""What waits for an endpoint that rests does not come back all at once."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An attempt to deliver one: `id` is the `webhook-id` of every attempt, `token` proves this one.

    Of a prediction, or else with `data` of its own. `secrets` are its endpoint's, of which the first is the newest; a
    create's own webhook has none here. `strikes` and `is_burdened` are what is held against the endpoint.
    """

    id: UUID
    prediction_id: UUID | None
    owner: str
    url: str = field(repr=False)
    event: str
    created_at: datetime
    attempts: int
    token: UUID
    now: datetime
    endpoint_id: UUID | None = None
    type: str = ""
    sequence: int = 0
    data: dict[str, Any] | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    strikes: int = 0
    is_burdened: bool = False


async def owe(
    tx: Transaction, prediction: Prediction, event: str, now: datetime, *, sequence: int, is_followed: bool
) -> None:
    """Once to each: to its own webhook and to every endpoint of its owner that wants such events.

    `sequence` is the prediction's version as it is told. `is_followed` says whether its owner has endpoints
    (`endpoints.are_there`).
    """
    event_type, webhook = type_of(event, prediction.status), prediction.webhook
    own = webhook is not None and webhook.wants(event, prediction.status)
    told: list[dict[str, Any]] = [{"url": webhook.url}] if own and webhook else []
    if is_followed:
        told += [{"endpoint_id": each} for each in await endpoints.following(tx, prediction.owner, event_type)]
    same = {"prediction_id": prediction.id, "event": event, "sequence": sequence}
    await add(tx, [same | each for each in told], owner=prediction.owner, event_type=event_type, now=now)


async def add(
    tx: Transaction, told: Sequence[dict[str, Any]], *, owner: str, event_type: str, now: datetime
) -> list[UUID]:
    """Due at once. Returns the ids of those that were not owed already."""
    if not told:
        return []
    blank = {"prediction_id": None, "endpoint_id": None, "url": None, "sequence": 0, "data": None}
    same = {"owner": owner, "type": event_type, "created_at": now, "due_at": now}
    rows = [blank | same | each | {"id": uuid7(now)} for each in told]
    made = await tx.execute(upsert(notices).values(rows).on_conflict_do_nothing().returning(notices.c.id))
    ids = list(made.scalars())
    if ids:
        await jobs.enqueue_notices(tx, [(each, 0) for each in ids])
    return ids


async def claim(tx: Transaction, notice_id: UUID, lease: timedelta) -> Notice | None:
    """None if it is delivered, not due, somebody is at it, or its endpoint is disabled or rests."""
    due = (notices.c.id == notice_id, notices.c.due_at <= func.now())
    statement = (
        update(notices)
        .where(*due, notices.c.id == _CALLED.c.notice_id)
        .values(attempts=notices.c.attempts + 1, attempt_token=uuid4(), due_at=func.now() + lease)
        .returning(
            *(notices.c[name] for name in _CLAIMED),
            *(_CALLED.c[name] for name in ("url", "secret", "previous", "strikes", "is_burdened")),
            notices.c.attempt_token.label("token"),
            func.now().label("now"),
        )
    )
    row = (await tx.execute(statement)).mappings().one_or_none()
    if row is None:
        await tx.execute(update(notices).where(*due, _AT_ENDPOINT).values(due_at=_CALLED_AGAIN))
        return None
    same = {name: row[name] for name in (*_CLAIMED, "url", "strikes", "is_burdened", "token", "now")}
    return Notice(**same, secrets=tuple(filter(None, (row["secret"], row["previous"]))))


_AT_ENDPOINT = webhook_endpoints.c.id == notices.c.endpoint_id
_CALLED = (
    select(
        notices.c.id.label("notice_id"),
        func.coalesce(notices.c.url, webhook_endpoints.c.url).label("url"),
        webhook_endpoints.c.secret,
        case((webhook_endpoints.c.previous_until > func.now(), webhook_endpoints.c.previous_secret)).label("previous"),
        func.coalesce(webhook_endpoints.c.strikes, 0).label("strikes"),
        endpoints.IS_BURDENED.label("is_burdened"),
    )
    .select_from(notices.outerjoin(webhook_endpoints, _AT_ENDPOINT))
    .where(
        webhook_endpoints.c.disabled_at.is_(None),
        func.coalesce(webhook_endpoints.c.paused_until <= func.now(), True),
    )
    .subquery("called")
)
"""Where each goes; those of an endpoint that is disabled or rests are left out."""
_CALLED_AGAIN = case(
    (
        webhook_endpoints.c.disabled_at.is_(None),
        func.greatest(webhook_endpoints.c.paused_until, func.now())
        + func.random() * timedelta(seconds=DEFERRED_SECONDS),
    )
)
"""Never, by itself, where it is disabled."""


async def conclude(
    tx: Transaction, notice: Notice, outcome: str, *, again_in: timedelta | None = None, delivered: bool = False
) -> bool:
    """`again_in` None ends it. False, and nothing is changed, if another attempt has taken over or it is gone."""
    mine = (notices.c.id == notice.id, notices.c.attempt_token == notice.token)
    values: dict[str, Any] = {"last_outcome": outcome, "due_at": None if again_in is None else func.now() + again_in}
    if delivered:
        values["delivered_at"] = func.now()
    return (await tx.execute(update(notices).where(*mine).values(values))).rowcount == 1


async def park(tx: Transaction, endpoint_id: UUID) -> int:
    """What a disabled endpoint was owed is sent no more by itself. Returns how many."""
    owed = (notices.c.endpoint_id == endpoint_id, notices.c.due_at.is_not(None))
    return (await tx.execute(update(notices).where(*owed).values(due_at=None))).rowcount


async def enqueue_due(tx: Transaction, limit: int = 200) -> int:
    rows = [(row.id, row.attempts) for row in await tx.execute(_DUE, {"most": limit})]
    if rows:
        await jobs.enqueue_notices(tx, rows)
    return len(rows)


_DUE = (
    select(notices.c.id, notices.c.attempts)
    .where(notices.c.due_at <= func.now())
    .order_by(notices.c.due_at)
    .limit(bindparam("most", type_=Integer))
)


async def signing_secret(tx: Transaction, owner: str) -> str:
    """The owner's own, made at first use: `whsec_` and 32 random bytes in base64 (Standard Webhooks)."""
    fresh = new_secret()
    await tx.execute(upsert(webhook_secrets).values(owner=owner, secret=fresh).on_conflict_do_nothing())
    query = select(webhook_secrets.c.secret).where(webhook_secrets.c.owner == owner)
    return str((await tx.execute(query)).scalar_one())


async def of_prediction(tx: Transaction, prediction_id: UUID) -> list[dict[str, object]]:
    names = ("id", "event", "created_at", "attempts", "due_at", "delivered_at", "last_outcome")
    query = select(*(notices.c[name] for name in names)).where(notices.c.prediction_id == prediction_id)
    return [dict(row) for row in (await tx.execute(query.order_by(notices.c.id))).mappings()]
