"""A delivery: authentic or nothing; kept raw, once; applied in the same commit. Only then is it acknowledged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog

from app.actions.apply_report import apply_report
from app.actions.intake import Intake
from app.db import inbox, journal, predictions
from app.db.engine import Database, Transaction, is_away
from app.db.inbox import Delivery
from app.domain.errors import InvalidSignature, TemporarilyUnavailable, UnreadableWebhook
from app.domain.ids import uuid7
from app.domain.ports import Provider, Unavailable, UnreadableDelivery
from app.domain.prediction import Prediction
from app.domain.report import Report
from app.watch import tracing

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Receipt:
    duplicate: bool = False
    matched: bool = True


async def receive_webhook(
    intake: Intake,
    provider: Provider,
    *,
    headers: Mapping[str, str],
    body: bytes,
    callback_token: str | None = None,
) -> Receipt:
    """Durable when it returns.

    Raises InvalidSignature before any statement on the database, UnreadableWebhook (kept for inspection), and
    TemporarilyUnavailable if it could not be judged or kept, so that the provider sends it again.
    """
    intake.note_arrival()
    try:
        await provider.refresh_keys()
    except Unavailable as trouble:
        raise TemporarilyUnavailable("The delivery's signature cannot be judged yet; send it again.") from trouble
    if not provider.is_authentic(headers, body):
        raise InvalidSignature("The signature is missing or not made with one of our secrets over these bytes.")
    try:
        report = provider.read_delivery(body)
    except UnreadableDelivery as error:
        await _keep_unreadable(intake.database, provider, body)
        raise UnreadableWebhook("The delivery is authentic but no JSON object that names a prediction.") from error
    receive = keep_for_workers if intake.is_rushed else _apply
    delivery = delivery_of(provider, report, headers, body)
    receipt = await receive(intake, provider, delivery, report, callback_token)
    log.info("delivery received", provider=provider.name, state=report.state.value, matched=receipt.matched)
    return receipt


def delivery_of(provider: Provider, report: Report, headers: Mapping[str, str], body: bytes) -> Delivery:
    return Delivery(_new_id(), provider.name, report.provider_id, body, headers.get("webhook-id"))


async def _apply(
    intake: Intake, provider: Provider, delivery: Delivery, report: Report, callback_token: str | None
) -> Receipt:
    with intake.applying():
        return await _apply_at_once(intake.database, provider, delivery, report, callback_token)


async def _apply_at_once(
    database: Database, provider: Provider, delivery: Delivery, report: Report, callback_token: str | None
) -> Receipt:
    async with database.transaction() as tx:
        received_at = await inbox.keep(tx, delivery)
        if received_at is None:
            return await _again(tx, delivery)
        matched = await apply_delivery(tx, provider, delivery, report, received_at, callback_token=callback_token)
        if not matched:
            await inbox.judge(tx, "orphan")
    return Receipt(matched=matched)


async def keep_for_workers(
    intake: Intake, provider: Provider, delivery: Delivery, report: Report, callback_token: str | None
) -> Receipt:
    """For a worker to apply, unless only its token tells of which prediction it speaks."""
    taken = await intake.keep(delivery)
    if taken.received_at is not None and (taken.is_known or callback_token is None):
        return Receipt(matched=taken.is_known)
    if taken.is_copy:
        return Receipt(duplicate=True)
    async with intake.database.transaction() as tx:
        if taken.received_at is None:
            return await _again(tx, delivery)
        return Receipt(
            matched=await apply_delivery(
                tx, provider, delivery, report, taken.received_at, callback_token=callback_token
            )
        )


async def _again(tx: Transaction, delivery: Delivery) -> Receipt:
    is_copy = await inbox.count_copy(tx, delivery)
    await inbox.judge(tx, "duplicate" if is_copy else "deleted")
    return Receipt(duplicate=is_copy, matched=is_copy)


async def apply_delivery(
    tx: Transaction,
    provider: Provider,
    delivery: Delivery,
    report: Report,
    now: datetime,
    *,
    callback_token: str | None = None,
) -> bool:
    """False if no prediction is known for it. One that breaks us is set aside, so that it cannot break us again."""
    prediction = await predictions.lock_reported(tx, provider.name, report.provider_id, callback_token)
    if prediction is None:
        return False
    parent = await journal.traceparent(tx, prediction.id) if tracing.is_on() else None
    with tracing.span("webhook delivery", kind="consumer", parent=parent, state=report.state.value):
        await _apply_or_set_aside(tx, provider, delivery, report=report, now=now, prediction=prediction)
    return True


async def _apply_or_set_aside(
    tx: Transaction, provider: Provider, delivery: Delivery, *, report: Report, now: datetime, prediction: Prediction
) -> None:
    try:
        async with tx.begin_nested():
            await apply_report(tx, prediction, report, now, provider.terms)
            await inbox.mark_applied(tx, delivery.id, prediction.id)
    except Exception as error:
        if is_away(error):
            raise
        log.error("delivery set aside", delivery_id=str(delivery.id), reason=type(error).__name__, exc_info=error)
        await inbox.mark_trouble(tx, delivery.id, type(error).__name__)


async def _keep_unreadable(database: Database, provider: Provider, body: bytes) -> None:
    async with database.transaction() as tx:
        delivery = Delivery(_new_id(), provider.name, None, body)
        await inbox.keep(tx, delivery, trouble="unreadable")
        await inbox.judge(tx, "unreadable")


def _new_id() -> UUID:
    """By our own clock: it only puts lists for people into order."""
    return uuid7(datetime.now(UTC))
