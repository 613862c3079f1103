"""Draft: a prediction as it is admitted, held for its price, its submission owed."""

import secrets
from datetime import datetime

from app.actions.admission import Admission
from app.actions.price_order import Offer, Priced
from app.domain.caller import Caller
from app.domain.ids import uuid7
from app.domain.order import Order
from app.domain.pictures import upload_ids
from app.domain.prediction import Choice, Prediction
from app.domain.work import Work, WorkKind


def draft(priced: Priced, caller: Caller, now: datetime, admission: Admission) -> Prediction:
    """Held for its price, or that of the dearest that may make it."""
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
