"""An order, bought once and waited for: what our own creates and every face's have in common."""

from starlette.requests import Request

from app.actions.create_prediction import create_prediction
from app.actions.read_predictions import await_prediction
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
    return prediction if wait is None else await _awaited(request, prediction, wait)


async def _awaited(request: Request, prediction: Prediction, seconds: int) -> Prediction:
    """As it is once final. Trouble meanwhile must not hide that it was made, or it would be ordered again."""
    common = shared(request)
    waiting = await_prediction(
        common.database, common.changes, prediction.id, owner=prediction.owner, seconds=seconds, until=_is_final
    )
    try:
        return await unless_gone(request, waiting)
    except (TemporarilyUnavailable, PredictionNotFound):
        return prediction


def _is_final(prediction: Prediction) -> bool:
    return prediction.status.is_final
