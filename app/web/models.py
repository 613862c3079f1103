"""`GET /api/models`: what can be asked of whom."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from app.actions.list_models import Catalogue
from app.domain.caller import Caller
from app.domain.errors import ModelNotFound, UnknownModel, UnknownProvider
from app.domain.model import Model
from app.domain.operations import operations_of
from app.domain.prices import price_of
from app.web.predictions import json_response
from app.web.requests import bad_parameter, single_parameter
from app.web.schemas import MakerView, ModelsView, ModelView, PriceView
from app.web.shared import Shared, shared

PARAMETERS = ("operation", "provider")


async def models(request: Request, _: Caller) -> Response:
    for unknown in sorted(set(request.query_params) - set(PARAMETERS)):
        raise bad_parameter(unknown, "is not a parameter of this list")
    operation, provider = (single_parameter(request, name) for name in PARAMETERS)
    common = shared(request)
    found = await common.models.catalogue(provider)
    views = [_view(each, found.usual_seconds, common) for each in _able(found, operation)]
    return json_response(ModelsView(data=views, default=_default(common), unavailable=found.unavailable))


async def model(request: Request, _: Caller) -> Response:
    common = shared(request)
    try:
        found = await common.models.find(request.path_params["provider"], request.path_params["model"])
    except (UnknownProvider, UnknownModel) as unknown:
        raise ModelNotFound(unknown.detail) from unknown
    return json_response(_view(found, await common.models.usual_seconds(), common))


def _default(common: Shared) -> MakerView:
    return MakerView(provider=common.policy.default_provider, model=common.policy.default_model)


def _able(found: Catalogue, operation: str | None) -> list[Model]:
    return [each for each in found.models if operation is None or operation in operations_of(each)]


def _view(model: Model, usual_seconds: Mapping[tuple[str, str], float], common: Shared) -> ModelView:
    price = model.price
    return ModelView(
        provider=model.provider,
        model=model.slug,
        kind=model.kind,
        description=model.description,
        operations=list(operations_of(model)),
        input_schema=dict(model.input_schema),
        price=price and PriceView(amount=price.amount, currency=price.currency, unit=price.unit),
        example_cost=price_of(model, {}),
        output_lifetime=common.providers[model.provider].terms.output_lifetime.total_seconds(),
        usual_seconds=usual_seconds.get((model.provider, model.slug), model.usual_seconds),
        offline=model.offline,
    )
