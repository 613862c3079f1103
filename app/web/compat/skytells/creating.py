"""`POST /predictions`, which the SDKs call `/predict`."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from app.domain.caller import Caller
from app.domain.order import Order
from app.domain.prediction import Prediction
from app.web.compat.answers import answered
from app.web.compat.buying import buy_guarded
from app.web.compat.skytells.models import kinds, maker_of
from app.web.compat.skytells.views import prediction_view
from app.web.compat.skytells.webhooks import Filter, WebhookForm, webhook_of
from app.web.requests import read_json
from app.web.schemas.words import Name
from app.web.shared import Shared, shared

NAME = "skytells"
HOLD_SECONDS = 55


class Create(BaseModel):
    """`stream` asks for what `GET …/stream` tells anyway."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: Name
    input: dict[str, Any]
    is_awaited: bool = Field(False, alias="await")
    stream: bool = False
    webhook: str | WebhookForm | None = None
    webhook_events_filter: list[Filter] | None = None


async def create(request: Request, caller: Caller) -> Response:
    common, body = shared(request), await read_json(request, Create)
    wait = HOLD_SECONDS if body.is_awaited else None
    prediction = await buy_guarded(request, caller, _order(body, common), wait)
    return await told(common, prediction, 200 if prediction.status.is_final else 202)


async def told(common: Shared, prediction: Prediction, status: int = 200, **more: Any) -> Response:
    kind = (await kinds(common)).get((prediction.provider, prediction.model))
    return answered(prediction_view(common.views, prediction, kind=kind) | more, status)


def _order(body: Create, common: Shared) -> Order:
    return Order(
        maker=maker_of(body.model, common),
        input=body.input,
        webhook=webhook_of(body.webhook, body.webhook_events_filter, common.policy),
        face=NAME,
    )
