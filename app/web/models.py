"""`GET /api/models`: what can be asked of whom."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.caller import Caller
from app.domain.model import Model
from app.web.predictions import json_response
from app.web.schemas import ModelsView, ModelView, PriceView
from app.web.shared import shared


async def models(request: Request, _: Caller) -> Response:
    common = shared(request)
    found = await common.models.everything()
    views = [_view(each, common.providers[each.provider].terms.output_lifetime.total_seconds()) for each in found]
    return json_response(ModelsView(data=views))


def _view(model: Model, output_lifetime: float) -> ModelView:
    price = model.price
    return ModelView(
        provider=model.provider,
        model=model.slug,
        kind=model.kind,
        description=model.description,
        input_schema=dict(model.input_schema),
        price=price and PriceView(amount=price.amount, currency=price.currency, unit=price.unit),
        output_lifetime=output_lifetime,
        offline=model.offline,
    )
