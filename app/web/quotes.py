"""`POST /api/quote`: what a create would cost, with the create's own body."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.actions.quote_order import quote_order
from app.domain.caller import Caller
from app.domain.order import Order
from app.web.orders import order_from_create, order_from_form
from app.web.predictions import json_response
from app.web.requests import fitted, read_object
from app.web.schemas import CreatePrediction, FieldProblemView, Generate, QuoteView
from app.web.shared import shared


async def quote(request: Request, caller: Caller) -> Response:
    common = shared(request)
    found = await quote_order(common.admission, _order(request, await read_object(request)), caller=caller)
    order = found.priced.order
    view = QuoteView(
        price=found.price,
        provider=order.maker.provider,
        model=order.maker.model,
        input=dict(order.input),
        adjusted=[FieldProblemView(field=each.field, message=each.message) for each in order.adjusted],
        budget_remaining=found.remaining,
        fits=found.fits,
    )
    return json_response(view, headers={"Cache-Control": "no-store"})


def _order(request: Request, given: dict[str, Any]) -> Order:
    """An `input` within makes it the body of `POST /api/predictions`, else it is a form."""
    policy = shared(request).policy
    if isinstance(given.get("input"), dict):
        return order_from_create(fitted(given, CreatePrediction), policy)
    form = fitted(given, Generate)
    return order_from_form(form, policy, form.operation)
