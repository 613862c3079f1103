"""A kept delivery, applied to the prediction that it speaks of; one that breaks us is set aside."""

from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

import structlog

from app.actions.apply_report import apply_report
from app.db import inbox, journal, predictions
from app.db.engine import Database, Transaction
from app.db.inbox import Delivery
from app.domain.errors import TemporarilyUnavailable
from app.domain.ports import Provider
from app.domain.report import Report
from app.watch import tracing

T = TypeVar("T")
Outcome = Literal["applied", "waits", "unknown"]

log = structlog.get_logger()


async def apply_delivery(
    tx: Transaction,
    provider: Provider,
    delivery: Delivery,
    report: Report,
    *,
    callback_token: str | None = None,
    in_turn: bool = True,
) -> Outcome:
    """`unknown` if no prediction is known for it. `in_turn`, it waits while one that came earlier does: what was
    answered first counts, and a worker applies them in their order."""
    found = await predictions.lock_reported(tx, provider.name, report.provider_id, callback_token, delivery=delivery.id)
    if found is None:
        return "unknown"
    if in_turn and found.is_preceded:
        return "waits"
    prediction = found.prediction
    parent = await journal.traceparent(tx, prediction.id) if tracing.is_on() else None
    with tracing.span("webhook delivery", kind="consumer", parent=parent, state=report.state.value):
        await apply_report(tx, prediction, report, await predictions.time(tx), provider.terms)
        await inbox.mark_applied(tx, delivery.id, prediction.id)
    return "applied"


async def or_set_aside(
    database: Database, delivery: Delivery, apply: Callable[[Transaction], Awaitable[T]], *, otherwise: T
) -> T:
    """What `apply` says in a transaction of its own. A delivery that breaks us is set aside, so that it cannot break us
    again, and nothing of it is applied."""
    try:
        async with database.transaction() as tx:
            return await apply(tx)
    except TemporarilyUnavailable:
        raise
    except Exception as error:
        reason = type(error).__name__
        log.error("delivery set aside", delivery_id=str(delivery.id), reason=reason, exc_info=error)
    async with database.transaction() as tx:
        await inbox.keep(tx, delivery)
        await inbox.mark_trouble(tx, delivery.id, reason)
    return otherwise
