"""`/models`: ours, under the names that this face takes."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.actions.find_model import find_model
from app.domain.caller import Caller
from app.domain.errors import FieldProblem, InvalidRequest, ModelListUnavailable
from app.domain.model import Model
from app.domain.order import Maker
from app.web.compat.answers import answered
from app.web.shared import Shared, shared

PICTURE = "image"
UNKNOWN_TIME = 0
"""Nobody tells us since when there is a model."""


def maker_of(name: str | None, common: Shared) -> Maker:
    policy = common.policy
    return Maker(policy.default_provider, name or policy.default_model, left_out=True)


async def require_pictures(maker: Maker, common: Shared) -> None:
    """Raises what `find_model` does, and InvalidRequest for what makes anything but pictures: clients of images would
    not know what they bought."""
    model = await find_model(common.models, maker.provider, maker.model, left_out=maker.left_out)
    if model.kind != PICTURE:
        problem = FieldProblem("model", f"makes {model.kind}; ask for it by POST /api/predictions")
        raise InvalidRequest(f"{model.slug} makes no pictures.", problems=(problem,))


async def models(request: Request, _: Caller) -> Response:
    common = shared(request)
    found = await common.models.catalogue()
    if found.unavailable and not found.models:
        raise ModelListUnavailable("Nobody tells his models just now.")
    return answered({"object": "list", "data": [_card(each, common) for each in found.models]})


async def model(request: Request, _: Caller) -> Response:
    common = shared(request)
    maker = maker_of(request.path_params["model"], common)
    return answered(_card(await find_model(common.models, maker.provider, maker.model, left_out=True), common))


def _card(model: Model, common: Shared) -> dict[str, Any]:
    is_own = model.provider == common.policy.default_provider
    name = model.slug if is_own else f"{model.provider}/{model.slug}"
    return {"id": name, "object": "model", "created": UNKNOWN_TIME, "owned_by": model.provider}
