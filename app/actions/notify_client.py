"""Notify: tell a client's own webhook, or an endpoint, of one event, at least once, under one `webhook-id`, for about
a day."""

import random
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import httpx
import structlog

from app.actions.judge_endpoints import disable_endpoint
from app.db import attempts, endpoint_health, journal, notices, predictions
from app.db.engine import Database, Transaction
from app.db.notices import Notice
from app.domain.endpoints import STRIKES, TEST, DisabledReason, is_overloaded
from app.domain.notices import face_headers, pause_after, signed_headers
from app.domain.prediction import Prediction
from app.outbound.callbacks import Answered, post

Render = Callable[[Prediction | None, Notice], bytes]
"""The prediction is None where the notice is of none."""
LONGEST_ASKED = 3600.0
"""Seconds for which a receiver may ask to be left alone."""

log = structlog.get_logger()


async def notify_client(
    database: Database, http: httpx.AsyncClient, render: Render, notice_id: UUID, *, lease: timedelta
) -> None:
    async with database.transaction() as tx:
        notice = await notices.claim(tx, notice_id, lease)
        if notice is None:
            return
        secrets = await _secrets(tx, notice, lease)
        prediction = await predictions.load(tx, notice.prediction_id) if notice.prediction_id else None
    if prediction is None and notice.prediction_id is not None:
        return
    body = render(prediction, notice)
    first, *others = secrets
    headers = signed_headers(notice.id, body, first, notice.now, also=others)
    if prediction is not None and notice.endpoint_id is None:
        headers |= face_headers(prediction.face, body, first)
    answered = await post(http, notice.url, body, headers)
    await _conclude(database, notice, answered)


async def _secrets(tx: Transaction, notice: Notice, lease: timedelta) -> tuple[str, ...]:
    if notice.endpoint_id is None:
        return (await notices.signing_secret(tx, notice.owner),)
    if notice.strikes >= STRIKES:
        await endpoint_health.try_once(tx, notice.endpoint_id, lease)
    return notice.secrets


async def _conclude(database: Database, notice: Notice, answered: Answered) -> None:
    pause = _pause(notice, answered)
    async with database.transaction() as tx:
        if not await notices.conclude(tx, notice, answered.outcome, again_in=pause, delivered=answered.ok):
            return
        await attempts.note(
            tx, notice, ok=answered.ok, status=answered.status, outcome=answered.outcome, seconds=answered.seconds
        )
        await _note(tx, notice, answered, pause)
        if notice.endpoint_id is not None:
            await _judge(tx, notice.endpoint_id, notice, answered)
    if answered.gone and notice.endpoint_id is not None:
        await disable_endpoint(database, notice.endpoint_id, DisabledReason.GONE)
    if not answered.ok and pause is None:
        log.warning("client webhook given up", notice_id=str(notice.id), outcome=answered.outcome)


def _pause(notice: Notice, answered: Answered) -> timedelta | None:
    """Until the next attempt; None where there is none. A create's own webhook that may not be called never will."""
    is_own_and_refused = answered.refused and notice.endpoint_id is None
    if answered.ok or answered.gone or is_own_and_refused or notice.type == TEST:
        return None
    pause, asked = pause_after(notice.attempts, random.random()), _asked(answered)  # noqa: S311
    return pause if pause is None or asked is None else max(pause, asked)


def _asked(answered: Answered) -> timedelta | None:
    return None if answered.retry_after is None else timedelta(seconds=min(answered.retry_after, LONGEST_ASKED))


async def _note(tx: Transaction, notice: Notice, answered: Answered, pause: timedelta | None) -> None:
    """In the receipt of its prediction."""
    if notice.prediction_id is None:
        return
    journal.note(
        tx,
        notice.prediction_id,
        "notified",
        event=notice.event,
        endpoint=notice.endpoint_id and str(notice.endpoint_id),
        attempt=notice.attempts,
        outcome=answered.outcome,
        again_in=pause and round(pause.total_seconds()),
    )


async def _judge(tx: Transaction, endpoint_id: UUID, notice: Notice, answered: Answered) -> None:
    """A test that fails is not held against it."""
    if answered.ok:
        if notice.is_burdened:
            await endpoint_health.heard(tx, endpoint_id)
    elif notice.type != TEST:
        overloaded = is_overloaded(answered.status) and not answered.refused
        asked = _asked(answered) if overloaded else None
        await endpoint_health.failed(tx, endpoint_id, is_overloaded=overloaded, asked_rest=asked)


async def read_signing_secret(database: Database, owner: str) -> str:
    """What the owner's webhooks are signed with; made at first use."""
    async with database.transaction() as tx:
        return await notices.signing_secret(tx, owner)
