"""`/models`: cards of all models, Skytells' own under their bare slugs."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.actions.find_model import find_model
from app.domain.caller import Caller
from app.domain.errors import ModelListUnavailable, ModelNotFound, UnknownModel
from app.domain.model import Model
from app.domain.operations import Operation, operations_of
from app.domain.order import Maker
from app.web.compat.answers import answered
from app.web.requests import bad_parameter, single_parameter
from app.web.shared import Shared, shared

OWN = "skytells"
FIELDS = ("input_schema", "output_schema")
OUTPUT_SCHEMA = {"type": "array", "items": {"type": "string", "format": "uri"}, "title": "Output"}
CAPABILITIES = {
    Operation.GENERATE: "text-to-{}",
    Operation.IMG2IMG: "image-to-image",
    Operation.IMG2VIDEO: "image-to-video",
    Operation.INPAINT: "inpainting",
    Operation.UPSCALE: "upscaling",
}


def name_of(provider: str, slug: str) -> str:
    """What a client calls the model."""
    return slug if provider == OWN else f"{provider}/{slug}"


def maker_of(name: str, common: Shared) -> Maker:
    """Whom the name means: looked for at Skytells first, where that is a provider of ours."""
    first = OWN if OWN in common.models.providers else common.policy.default_provider
    return Maker(first, name, left_out=True)


async def kinds(common: Shared) -> dict[tuple[str, str], str]:
    """By provider and slug, of the models that are listed just now."""
    lists = await common.models.available()
    return {(provider, slug): model.kind for provider, models in lists.items() for slug, model in models.items()}


async def models(request: Request, _: Caller) -> Response:
    fields, common = _fields(request), shared(request)
    found = await common.models.catalogue()
    if found.unavailable and not found.models:
        raise ModelListUnavailable("Nobody tells his models just now.")
    return answered([_card(each, fields) for each in found.models])


async def model(request: Request, _: Caller) -> Response:
    fields, maker = _fields(request), maker_of(request.path_params["slug"], shared(request))
    try:
        found = await find_model(shared(request).models, maker.provider, maker.model, left_out=True)
    except UnknownModel as unknown:
        raise ModelNotFound(unknown.detail) from unknown
    return answered(_card(found, fields))


def _fields(request: Request) -> set[str]:
    for unknown in sorted(set(request.query_params) - {"fields"}):
        raise bad_parameter(unknown, "is not a parameter of models")
    named = {each.strip() for each in (single_parameter(request, "fields") or "").split(",") if each.strip()}
    if named - set(FIELDS):
        raise bad_parameter("fields", f"may name {' and '.join(FIELDS)}")
    return named


def _card(model: Model, fields: set[str]) -> dict[str, Any]:
    schemas = {"input_schema": dict(model.input_schema), "output_schema": OUTPUT_SCHEMA}
    return {
        "name": name_of(model.provider, model.slug),
        "description": model.description,
        "namespace": name_of(model.provider, model.slug),
        "type": model.kind,
        "privacy": "public",
        "img_url": None,
        "vendor": {"name": model.provider, "slug": model.provider, "verified": True, "metadata": {}},
        "billable": True,
        "pricing": _pricing(model),
        "capabilities": [CAPABILITIES[Operation(each)].format(model.kind) for each in _known(model)],
        "metadata": {"edge_compatible": False, "openai_compatible": False, "cold_boot": False},
        "status": "offline" if model.offline else "operational",
        "service": {"type": "inference", "inference_party": "third_party"},
        **{name: schema for name, schema in schemas.items() if name in fields},
    }


def _known(model: Model) -> list[str]:
    return [each for each in operations_of(model) if each in CAPABILITIES]


def _pricing(model: Model) -> dict[str, Any] | None:
    price = model.price
    if price is None:
        return None
    return {
        "amount": float(price.amount),
        "currency": price.currency,
        "unit": price.unit,
        "criterias": [
            {
                "field": each.field,
                "operator": each.operator,
                "value": each.value,
                "billable_price": float(each.amount),
                "unit": price.unit,
            }
            for each in price.criteria
        ],
    }
