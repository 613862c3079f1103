"""Create: one transaction for the idempotency key, the row, its hold and the owed submission. The provider is asked
later, by a worker."""

import secrets
from datetime import datetime

from app.actions.admission import Admission, Draw, admitted
from app.actions.apply_report import log_generation
from app.actions.check_pictures import hold_uploads
from app.actions.price_order import Offer, Priced, price_order
from app.db import handovers, idempotency, predictions, unfinished
from app.db.engine import Database, Transaction
from app.db.idempotency import Remembered
from app.domain.caller import Caller
from app.domain.errors import IdempotencyConflict, TemporarilyUnavailable
from app.domain.ids import uuid7
from app.domain.order import Order
from app.domain.pictures import upload_ids
from app.domain.prediction import Choice, Prediction
from app.domain.work import Work, WorkKind


async def create_prediction(
    admission: Admission,
    order: Order,
    *,
    caller: Caller,
    idempotency_key: str | None = None,
    handover: int | None = None,
) -> Prediction:
    """The new prediction, or as it is now the one that the key already names. `handover` is the request's own, where
    retries are looked out for (`domain.handovers`).

    Raises UnknownProvider, UnknownModel, AmbiguousModel, OperationUnsupported, InvalidRequest, ContentRefused,
    PriceUnknown, BudgetExceeded, TooManyUnfinished, IdempotencyConflict, StorageFull, TemporarilyUnavailable. Nothing
    is stored and nobody is asked in any of these cases.
    """
    if idempotency_key is not None:
        earlier = await _replayed(admission.database, caller.owner, idempotency_key, order)
        if earlier is not None:
            return earlier
    await admission.space.require()
    priced = await price_order(admission, order, caller)
    prediction = await admitted(
        admission.database, lambda: _create(admission, priced, caller, idempotency_key, handover)
    )
    log_generation(None, prediction)
    return prediction


async def _create(
    admission: Admission, priced: Priced, caller: Caller, idempotency_key: str | None, handover: int | None
) -> Prediction:
    async with admission.database.transaction() as tx:
        now = await predictions.time(tx)
        prediction = draft(priced, caller, now, admission)
        if idempotency_key is not None:
            fingerprint = priced.order.fingerprint
            taken = await idempotency.remember(tx, caller.owner, idempotency_key, fingerprint, prediction.id)
            if taken is not None:
                return await _named(tx, taken, caller.owner)
        if handover is not None and not await handovers.bought(tx, handover, prediction.id):
            raise TemporarilyUnavailable("This create was taken for lost, and its retry served instead.")
        draw = Draw.of(admission.budgets, caller, now, admission.spent)
        await draw.refuse_hopeless(tx, prediction.held)
        await unfinished.admit(tx, caller, default=admission.max_unfinished)
        await hold_uploads(tx, prediction)
        await draw.check(tx, await predictions.add(tx, prediction))
    return prediction


async def _replayed(database: Database, owner: str, key: str, order: Order) -> Prediction | None:
    """What the key already names, whatever has become of its model since."""
    async with database.alone() as tx:
        known = await idempotency.recall(tx, owner, key, order.fingerprint)
        return None if known is None else await _named(tx, known, owner)


async def _named(tx: Transaction, known: Remembered, owner: str) -> Prediction:
    if not known.same_body:
        raise IdempotencyConflict("This Idempotency-Key was used before with another body; use a new key.")
    prediction = await predictions.load(tx, known.prediction_id, owner=owner)
    if prediction is None:
        raise IdempotencyConflict("The prediction that this Idempotency-Key made was deleted; use a new key.")
    return prediction


def draft(priced: Priced, caller: Caller, now: datetime, admission: Admission) -> Prediction:
    """As it is admitted: held for its price, or that of the dearest that may make it; its submission owed."""
    order, (first, *standing_by) = priced.order, priced.offers
    deadline_at = now + admission.providers[order.maker.provider].terms.submit_within
    return Prediction(
        id=uuid7(now),
        owner=caller.owner,
        key_id=caller.key_id,
        provider=order.maker.provider,
        model=order.maker.model,
        input=order.input,
        metadata=order.metadata,
        webhook=order.webhook,
        variation_of=order.variation_of,
        face=order.face,
        adjusted=order.adjusted,
        created_at=now,
        updated_at=now,
        callback_token=_new_callback_token(),
        client_token="ct_" + secrets.token_urlsafe(24),
        price=first.price,
        held=max(offer.price for offer in priced.offers),
        fallback=tuple(_choice(offer, order) for offer in standing_by),
        budget_day=admission.budgets.day_of(now),
        work=Work(WorkKind.SUBMIT, due_at=now, deadline_at=deadline_at),
        uploads=upload_ids(order.input),
    )


def _choice(offer: Offer, order: Order) -> Choice:
    maker, settled = offer.maker, offer.settled
    own = None if settled.input == order.input else settled.input
    return Choice(maker.provider, maker.model, offer.price, _new_callback_token(), own, settled.adjusted)


def _new_callback_token() -> str:
    return secrets.token_urlsafe(24)
