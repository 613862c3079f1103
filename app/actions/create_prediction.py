"""Create: one transaction for the idempotency key, the row, its hold and the owed submission. The provider is asked
later, by a worker."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.actions.admission import Admission, Draw, admitted
from app.actions.apply_report import log_generation
from app.actions.moderate_input import moderate
from app.actions.settle_order import Form, settle_order
from app.db import idempotency, predictions, unfinished
from app.db.engine import Database, Transaction
from app.db.idempotency import Remembered
from app.domain.caller import Caller
from app.domain.errors import FieldProblem, IdempotencyConflict, PriceUnknown
from app.domain.ids import uuid7
from app.domain.model import Model
from app.domain.prediction import Adjustment, Prediction, Webhook
from app.domain.prices import price_of
from app.domain.work import Work, WorkKind


@dataclass(frozen=True, slots=True)
class Order:
    """What a client asks for. `provider` is the default one where none was named (`provider_left_out`), until
    `settle_order` knows who has the model. `asked` is the fingerprint of the request, where the order is no longer as
    it was asked for."""

    provider: str
    model: str
    input: Mapping[str, Any] = field(repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    webhook: Webhook | None = field(default=None, repr=False)
    provider_left_out: bool = False
    form: Form | None = None
    variation_of: UUID | None = None
    adjusted: tuple[Adjustment, ...] = ()
    asked: bytes | None = field(default=None, repr=False)

    @property
    def fingerprint(self) -> bytes:
        """The same for the same request, whatever the order of its fields, and whatever becomes of the model lists."""
        if self.asked is not None:
            return self.asked
        webhook = self.webhook and [self.webhook.url, list(self.webhook.events)]
        asked = [self.provider, self.model, self.input, self.metadata, webhook]
        if self.form is not None and self.form.operation is not None:
            asked.append(self.form.operation)
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


async def create_prediction(
    admission: Admission, order: Order, *, caller: Caller, idempotency_key: str | None = None
) -> Prediction:
    """The new prediction, or as it is now the one that the key already names.

    Raises UnknownProvider, UnknownModel, AmbiguousModel, OperationUnsupported, InvalidRequest, ContentRefused,
    PriceUnknown, BudgetExceeded, TooManyUnfinished, IdempotencyConflict, StorageFull, TemporarilyUnavailable. Nothing
    is stored and nobody is asked in any of these cases.
    """
    if idempotency_key is not None:
        earlier = await _replayed(admission.database, caller.owner, idempotency_key, order)
        if earlier is not None:
            return earlier
    await admission.space.require()
    settled, price = await checked(admission, order)
    prediction = await admitted(admission.database, lambda: _create(admission, settled, price, caller, idempotency_key))
    log_generation(None, prediction)
    return prediction


async def checked(admission: Admission, order: Order) -> tuple[Order, Decimal]:
    """The order in its model's words, and USD that it will be held for, once its input fits and may be asked for."""
    found = await settle_order(
        admission.models, order.provider, order.model, order.input, left_out=order.provider_left_out, form=order.form
    )
    model = found.model
    settled = replace(
        order,
        provider=model.provider,
        model=model.slug,
        input=found.input,
        adjusted=found.adjusted,
        asked=order.fingerprint,
    )
    return settled, await _price(admission, settled, model)


async def _price(admission: Admission, order: Order, model: Model) -> Decimal:
    await moderate(admission.moderators, order.input)
    price = price_of(model, order.input)
    if price is None:
        price = admission.budgets.ceiling
    if price is None:
        problem = FieldProblem("model", "has no known price")
        raise PriceUnknown(
            f"{order.provider} tells no price for {order.model}, so no budget could bound it; "
            "an operator can set CEILING_PRICE or a price of his own in PRICES_FILE.",
            problems=(problem,),
        )
    return price


async def _create(
    admission: Admission, order: Order, price: Decimal, caller: Caller, idempotency_key: str | None
) -> Prediction:
    async with admission.database.transaction() as tx:
        now = await predictions.time(tx)
        prediction = draft(order, price, caller, now, admission)
        if idempotency_key is not None:
            taken = await idempotency.remember(tx, caller.owner, idempotency_key, order.fingerprint, prediction.id)
            if taken is not None:
                return await _named(tx, taken, caller.owner)
        draw = Draw.of(admission.budgets, caller, now, admission.spent)
        await draw.refuse_hopeless(tx, price)
        await unfinished.admit(tx, caller, default=admission.max_unfinished)
        await draw.check(tx, await predictions.add(tx, prediction))
    return prediction


async def _replayed(database: Database, owner: str, key: str, order: Order) -> Prediction | None:
    """What the key already names, whatever has become of its model since."""
    async with database.transaction() as tx:
        known = await idempotency.recall(tx, owner, key, order.fingerprint)
        return None if known is None else await _named(tx, known, owner)


async def _named(tx: Transaction, known: Remembered, owner: str) -> Prediction:
    if not known.same_body:
        raise IdempotencyConflict("This Idempotency-Key was used before with another body; use a new key.")
    prediction = await predictions.load(tx, known.prediction_id, owner=owner)
    if prediction is None:
        raise IdempotencyConflict("The prediction that this Idempotency-Key made was deleted; use a new key.")
    return prediction


def draft(order: Order, price: Decimal, caller: Caller, now: datetime, admission: Admission) -> Prediction:
    """As it is admitted: held for its price, its submission owed."""
    deadline_at = now + admission.providers[order.provider].terms.submit_within
    return Prediction(
        id=uuid7(now),
        owner=caller.owner,
        key_id=caller.key_id,
        provider=order.provider,
        model=order.model,
        input=order.input,
        metadata=order.metadata,
        webhook=order.webhook,
        variation_of=order.variation_of,
        adjusted=order.adjusted,
        created_at=now,
        updated_at=now,
        callback_token=secrets.token_urlsafe(24),
        client_token="ct_" + secrets.token_urlsafe(24),
        price=price,
        held=price,
        budget_day=admission.budgets.day_of(now),
        work=Work(WorkKind.SUBMIT, due_at=now, deadline_at=deadline_at),
    )
