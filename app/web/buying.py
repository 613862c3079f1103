"""An order, bought once and waited for: what our own creates and every face's have in common."""

from starlette.requests import Request

from app.actions.create_prediction import create_prediction
from app.actions.read_predictions import read_prediction
from app.domain.caller import Caller
from app.domain.errors import PredictionNotFound, TemporarilyUnavailable
from app.domain.order import Order
from app.domain.prediction import Prediction
from app.web.requests import idempotency_key
from app.web.shared import shared
from app.web.waiting import unless_gone


async def buy(request: Request, caller: Caller, order: Order, wait: int | None = None) -> Prediction:
    """The prediction, or the one that the request's `Idempotency-Key` names; after `wait` seconds, or once final."""
    admission = shared(request).admission
    prediction = await create_prediction(admission, order, caller=caller, idempotency_key=idempotency_key(request))
    return prediction if wait is None else await awaited(request, prediction, wait)


async def awaited(request: Request, prediction: Prediction, seconds: float) -> Prediction:
    """As it is once final. Trouble meanwhile must not hide that it was made, or it would be ordered again."""
    common, owner = shared(request), prediction.owner
    waiting = common.reads.wait(prediction.id, owner=owner, seconds=seconds, until=lambda _: False)
    try:
        await unless_gone(request, waiting)
        return await read_prediction(common.database, prediction.id, owner=owner)
    except (TemporarilyUnavailable, PredictionNotFound):
        return prediction
