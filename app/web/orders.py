"""Bodies into orders: defaults filled in, webhook and metadata checked."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.actions.vary_prediction import Variation
from app.domain import order as orders
from app.domain.errors import FieldProblem, InvalidRequest
from app.domain.operations import Operation
from app.domain.order import Maker, Order
from app.domain.prediction import Webhook
from app.web.schemas import CreatePrediction, Form, StandBy, Vary
from app.web.shared import Policy
from app.web.webhook_urls import checked_url

LARGEST_METADATA = 16_000


def order_from_create(body: CreatePrediction, policy: Policy) -> Order:
    return Order(
        maker=_maker(body.provider, body.model, policy),
        fallback=_fallback(body.fallback, policy),
        input=body.input,
        metadata=_checked_metadata(body.metadata),
        webhook=checked_webhook(body.webhook, body.webhook_events_filter, policy),
    )


def order_from_form(body: Form, policy: Policy, operation: str | None) -> Order:
    """In our own words still; whoever settles it puts it into the model's."""
    if operation == Operation.VARIATIONS:
        problem = FieldProblem("operation", "is of a prediction: POST /api/predictions/{id}/variations")
        raise InvalidRequest("There is nothing to vary.", problems=(problem,))
    if body.prompt is None and operation in (None, Operation.GENERATE):
        problem = FieldProblem("prompt", "is required")
        raise InvalidRequest("The body does not fit; see `errors`.", problems=(problem,))
    return Order(
        maker=_maker(body.provider, body.model or policy.default_model, policy),
        fallback=_fallback(body.fallback, policy),
        input=body.model_dump(exclude={"model", "provider", "operation", "fallback"}, exclude_none=True),
        form=orders.Form(operation, model_left_out=body.model is None),
    )


def _maker(provider: str | None, model: str, policy: Policy) -> Maker:
    return Maker(provider or policy.default_provider, model, left_out=provider is None)


def _fallback(given: Sequence[str | StandBy], policy: Policy) -> tuple[Maker, ...]:
    named = [StandBy(model=each) if isinstance(each, str) else each for each in given]
    return tuple(_maker(each.provider, each.model, policy) for each in named)


def variation_from(body: Vary, prediction_id: UUID, policy: Policy) -> Variation:
    return Variation(
        of=prediction_id,
        num=body.num,
        seed=body.seed,
        metadata=_checked_metadata(body.metadata),
        webhook=checked_webhook(body.webhook, body.webhook_events_filter, policy),
    )


def _checked_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST_METADATA:
        problem = FieldProblem("metadata", f"must have at most {LARGEST_METADATA:,} bytes as JSON")
        raise InvalidRequest("The metadata is too large.", problems=(problem,))
    return metadata


def checked_webhook(url: str | None, events: Sequence[str] | None, policy: Policy) -> Webhook | None:
    """`events` None are all. Raises InvalidRequest for what may not be called."""
    if url is None:
        if events is not None:
            problem = FieldProblem("webhook_events_filter", "needs a webhook")
            raise InvalidRequest("There is no webhook to filter for.", problems=(problem,))
        return None
    return Webhook(checked_url(url, "webhook", policy), tuple(events or ()))
