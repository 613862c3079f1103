"""Notify: tell a client's own webhook of one event, at least once, under one `webhook-id`, for about a day."""

import random
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import httpx
import structlog

from app.db import journal, notices, predictions
from app.db.engine import Database
from app.db.notices import Notice
from app.domain.notices import face_headers, pause_after, signed_headers
from app.domain.prediction import Prediction
from app.outbound.callbacks import Answered, post

Render = Callable[[Prediction, Notice], bytes]

log = structlog.get_logger()


async def notify_client(
    database: Database, http: httpx.AsyncClient, render: Render, notice_id: UUID, *, lease: timedelta
) -> None:
    async with database.transaction() as tx:
        notice = await notices.claim(tx, notice_id, lease)
        if notice is None:
            return
        prediction = await predictions.load(tx, notice.prediction_id)
        secret = await notices.signing_secret(tx, notice.owner)
    if prediction is None:
        return
    body = render(prediction, notice)
    headers = signed_headers(notice.id, body, secret, notice.now) | face_headers(prediction.face, body, secret)
    answered = await post(http, notice.url, body, headers)
    await _conclude(database, notice, answered)


async def _conclude(database: Database, notice: Notice, answered: Answered) -> None:
    pause = None if answered.ok or answered.gone else pause_after(notice.attempts, random.random())  # noqa: S311
    if pause is not None and answered.retry_after is not None:
        pause = max(pause, timedelta(seconds=min(answered.retry_after, 3600)))
    async with database.transaction() as tx:
        await notices.conclude(tx, notice, answered.outcome, again_in=pause, delivered=answered.ok)
        await journal.note(
            tx,
            notice.prediction_id,
            "notified",
            event=notice.event,
            attempt=notice.attempts,
            outcome=answered.outcome,
            again_in=pause and round(pause.total_seconds()),
        )
    if not answered.ok and pause is None:
        log.warning("client webhook given up", prediction_id=str(notice.prediction_id), outcome=answered.outcome)


async def read_signing_secret(database: Database, owner: str) -> str:
    """What the owner's webhooks are signed with; made at first use."""
    async with database.transaction() as tx:
        return await notices.signing_secret(tx, owner)
