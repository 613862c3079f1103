"""Creates of faces, whose clients may send one again where they have no idempotency key."""

from starlette.requests import Request

from app.domain.caller import Caller
from app.domain.order import Order
from app.domain.prediction import Prediction
from app.web.buying import buy


async def buy_guarded(request: Request, caller: Caller, order: Order, wait: int | None = None) -> Prediction:
    """What `buy` gives. Every create of a face comes through here."""
    return await buy(request, caller, order, wait)
