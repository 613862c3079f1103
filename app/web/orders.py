"""Bodies into orders: defaults filled in, webhook and metadata checked."""

import json
from typing import Any

from app.actions.create_prediction import Order
from app.actions.list_models import ModelList
from app.domain.errors import FieldProblem, InvalidRequest
from app.domain.prediction import Webhook
from app.outbound.errors import UrlRefused
from app.outbound.urls import check_url
from app.web.schemas import CreatePrediction, Generate
from app.web.shared import Policy

LARGEST_METADATA = 16_000


def order_from_create(body: CreatePrediction, policy: Policy) -> Order:
    return Order(
        provider=body.provider or policy.default_provider,
        model=body.model,
        input=body.input,
        metadata=_checked_metadata(body.metadata),
        webhook=_webhook(body, policy),
    )


async def order_from_form(body: Generate, policy: Policy, models: ModelList) -> Order:
    """`num_outputs` goes under the name that the model knows it by."""
    slug = body.model or policy.default_model
    model = await models.find(policy.default_provider, slug)
    given: dict[str, Any] = body.model_dump(exclude={"model"}, exclude_none=True)
    known = model.input_schema.get("properties", {})
    if "num_outputs" in given and "num_outputs" not in known and "number_of_images" in known:
        given["number_of_images"] = given.pop("num_outputs")
    return Order(provider=policy.default_provider, model=slug, input=given)


def _checked_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST_METADATA:
        problem = FieldProblem("metadata", f"must have at most {LARGEST_METADATA:,} bytes as JSON")
        raise InvalidRequest("The metadata is too large.", problems=(problem,))
    return metadata


def _webhook(body: CreatePrediction, policy: Policy) -> Webhook | None:
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
