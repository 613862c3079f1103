"""Create: one transaction for the idempotency key, the row and the owed submission. The provider is asked later."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.actions.apply_report import log_generation
from app.actions.list_models import ModelList
from app.actions.validate_input import validate_input
from app.db import idempotency, predictions
from app.db.engine import Database, Transaction
from app.db.idempotency import Remembered
from app.domain.errors import IdempotencyConflict
from app.domain.ids import uuid7
from app.domain.ports import Providers
from app.domain.prediction import Prediction, Webhook
from app.domain.work import Work, WorkKind


@dataclass(frozen=True, slots=True)
class Order:
    """What a client asks for."""

    provider: str
    model: str
    input: Mapping[str, Any] = field(repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    webhook: Webhook | None = field(default=None, repr=False)

    @property
    def fingerprint(self) -> bytes:
        """The same for the same request, whatever the order of its fields."""
        webhook = self.webhook and [self.webhook.url, list(self.webhook.events)]
        asked = [self.provider, self.model, self.input, self.metadata, webhook]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


async def create_prediction(
    database: Database,
    providers: Providers,
    models: ModelList,
    order: Order,
    *,
    owner: str,
    idempotency_key: str | None = None,
) -> Prediction:
    """The new prediction, or as it is now the one that the key already names.

    Raises UnknownProvider, UnknownModel, InvalidRequest, IdempotencyConflict, TemporarilyUnavailable. Nothing is
    stored and nobody is asked in any of these cases.
    """
    if idempotency_key is not None:
        earlier = await _replayed(database, owner, idempotency_key, order)
        if earlier is not None:
            return earlier
    validate_input(order.input, await models.find(order.provider, order.model))
    terms = providers[order.provider].terms
    async with database.transaction() as tx:
        now = await predictions.time(tx)
        prediction = _new(order, owner, now, deadline_at=now + terms.submit_within)
        if idempotency_key is not None:
            taken = await idempotency.remember(tx, owner, idempotency_key, order.fingerprint, prediction.id)
            if taken is not None:
                return await _named(tx, taken, owner)
        await predictions.add(tx, prediction)
    log_generation(None, prediction)
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


def _new(order: Order, owner: str, now: datetime, deadline_at: datetime) -> Prediction:
    draft = Prediction(
        id=uuid7(now),
        owner=owner,
        provider=order.provider,
        model=order.model,
        input=order.input,
        metadata=order.metadata,
        webhook=order.webhook,
        created_at=now,
        updated_at=now,
        callback_token=secrets.token_urlsafe(24),
        client_token="ct_" + secrets.token_urlsafe(24),
    )
    return replace(draft, work=Work(WorkKind.SUBMIT, due_at=now, deadline_at=deadline_at))
