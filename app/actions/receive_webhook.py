"""A delivery: authentic or nothing; kept raw, once; applied in the same commit. Only then is it acknowledged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog

from app.actions.apply_delivery import apply_delivery, or_set_aside
from app.actions.intake import Intake
from app.db import inbox
from app.db.engine import Database, Transaction
from app.db.inbox import Delivery
from app.domain.errors import InvalidSignature, TemporarilyUnavailable, UnreadableWebhook
from app.domain.ids import uuid7
from app.domain.ports import Provider, Unavailable, UnreadableDelivery
from app.domain.report import Report

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
    async def apply(tx: Transaction) -> Receipt:
        if await inbox.keep(tx, delivery) is None:
            return await _again(tx, delivery)
        outcome = await apply_delivery(tx, provider, delivery, report, callback_token=callback_token)
        if outcome == "unknown":
            inbox.judge(tx, "orphan")
        return Receipt(matched=outcome != "unknown")

    return await or_set_aside(database, delivery, apply, otherwise=Receipt())


async def keep_for_workers(
    intake: Intake, provider: Provider, delivery: Delivery, report: Report, callback_token: str | None
) -> Receipt:
    """For a worker to apply, unless only its token tells of which prediction it speaks."""
    taken = await intake.keep(delivery)
    if taken.received_at is not None and (taken.is_known or callback_token is None):
        return Receipt(matched=taken.is_known)
    if taken.is_copy:
        return Receipt(duplicate=True)

    async def apply(tx: Transaction) -> Receipt:
        if taken.received_at is None:
            return await _again(tx, delivery)
        outcome = await apply_delivery(tx, provider, delivery, report, callback_token=callback_token)
        return Receipt(matched=outcome != "unknown")

    return await or_set_aside(intake.database, delivery, apply, otherwise=Receipt())


async def _again(tx: Transaction, delivery: Delivery) -> Receipt:
    is_copy = await inbox.count_copy(tx, delivery)
    inbox.judge(tx, "duplicate" if is_copy else "deleted")
    return Receipt(duplicate=is_copy, matched=is_copy)


async def _keep_unreadable(database: Database, provider: Provider, body: bytes) -> None:
    async with database.transaction() as tx:
        delivery = Delivery(_new_id(), provider.name, None, body)
        await inbox.keep(tx, delivery, trouble="unreadable")
        inbox.judge(tx, "unreadable")


def _new_id() -> UUID:
    """By our own clock: it only puts lists for people into order."""
    return uuid7(datetime.now(UTC))
