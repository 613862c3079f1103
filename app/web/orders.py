"""Bodies into orders: defaults filled in, webhook and metadata checked."""

import json
from typing import Any
from uuid import UUID

from app.actions import settle_order
from app.actions.create_prediction import Order
from app.actions.vary_prediction import Variation
from app.domain.errors import FieldProblem, InvalidRequest
from app.domain.operations import Operation
from app.domain.prediction import Webhook
from app.outbound.errors import UrlRefused
from app.outbound.urls import check_url
from app.web.schemas import CreatePrediction, Form, Vary
from app.web.shared import Policy

LARGEST_METADATA = 16_000


def order_from_create(body: CreatePrediction, policy: Policy) -> Order:
    return Order(
        provider=body.provider or policy.default_provider,
        provider_left_out=body.provider is None,
        model=body.model,
        input=body.input,
        metadata=_checked_metadata(body.metadata),
        webhook=_webhook(body, policy),
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
        provider=body.provider or policy.default_provider,
        provider_left_out=body.provider is None,
        model=body.model or policy.default_model,
        input=body.model_dump(exclude={"model", "provider", "operation"}, exclude_none=True),
        form=settle_order.Form(operation, model_left_out=body.model is None),
    )


def variation_from(body: Vary, prediction_id: UUID, policy: Policy) -> Variation:
    return Variation(
        of=prediction_id,
        num=body.num,
        seed=body.seed,
        metadata=_checked_metadata(body.metadata),
        webhook=_webhook(body, policy),
    )


def _checked_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST_METADATA:
        problem = FieldProblem("metadata", f"must have at most {LARGEST_METADATA:,} bytes as JSON")
        raise InvalidRequest("The metadata is too large.", problems=(problem,))
    return metadata


def _webhook(body: CreatePrediction | Vary, policy: Policy) -> Webhook | None:
    if body.webhook is None:
        if body.webhook_events_filter is not None:
            problem = FieldProblem("webhook_events_filter", "needs a webhook")
            raise InvalidRequest("There is no webhook to filter for.", problems=(problem,))
        return None
    try:
        check_url(body.webhook, allow_http=policy.http_webhooks, allow_nets=policy.outbound_allow_nets)
    except UrlRefused as refused:
        problem = FieldProblem("webhook", f"is not a URL that may be called ({refused.reason})")
        raise InvalidRequest("The webhook cannot be used.", problems=(problem,)) from refused
    return Webhook(body.webhook, tuple(body.webhook_events_filter or ()))
