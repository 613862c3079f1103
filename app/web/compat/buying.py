"""Creates of faces, whose clients may send one again where they have no idempotency key (`domain.handovers`)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic

from starlette.requests import Request

from app.actions import guard_retry
from app.actions.create_prediction import create_prediction
from app.domain.caller import Caller
from app.domain.errors import TemporarilyUnavailable
from app.domain.handovers import Buy, Verdict, Withdraw
from app.domain.order import Order
from app.domain.prediction import Prediction
from app.web.buying import awaited, buy
from app.web.errors import RequestProblem
from app.web.handovers import ARRIVED, HANDOVER, Handover
from app.web.requests import idempotency_key
from app.web.shared import shared

FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.15
LONGEST_SECONDS = 15.0
"""For an earlier create that is still being bought, and whose client has gone; then nobody knows."""


async def buy_guarded(request: Request, caller: Caller, order: Order, wait: int | None = None) -> Prediction:
    """What `buy` gives, or for the retry of a create whose client had gone what that one bought.

    Every create of a face comes through here. The guard is off for a request with an `Idempotency-Key`, for keys that
    say so, and with RETRY_GUARD_SECONDS=0. `wait` counts from the request's arrival.
    """
    if idempotency_key(request) is not None or not caller.retry_guard or not shared(request).policy.retry_guard:
        return await buy(request, caller, order, wait)
    prediction = await _guarded(request, caller, order)
    return prediction if wait is None else await awaited(request, prediction, wait - _elapsed(request))


async def _guarded(request: Request, caller: Caller, order: Order) -> Prediction:
    common, identity = shared(request), guard_retry.identity_of(caller, order)
    elapsed = timedelta(seconds=_elapsed(request))
    process, within = common.handovers.process, common.policy.retry_guard
    watch, is_alone = await guard_retry.register(common.database, identity, process, elapsed=elapsed, within=within)
    handover = request.scope[HANDOVER] = Handover(request, common.database, common.handovers, watch.id)

    async def judged() -> Verdict | Prediction:
        await handover.look()
        return await guard_retry.judge(
            common.database, identity, watch, is_gone=handover.is_gone, within=within, owner=caller.owner
        )

    found = Buy() if is_alone else await _decided(judged)
    if isinstance(found, Prediction):
        return found
    return await create_prediction(common.admission, order, caller=caller, handover=handover.id)


async def _decided(judged: Callable[[], Awaitable[Verdict | Prediction]]) -> Buy | Prediction:
    pause, end = FIRST_PAUSE, monotonic() + LONGEST_SECONDS
    while monotonic() < end:
        match await judged():
            case Prediction() | Buy() as found:
                return found
            case Withdraw():
                raise RequestProblem("client_gone", "The client hung up, and another create like this one goes on.")
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    raise TemporarilyUnavailable("An earlier create like this one is still under way.")


def _elapsed(request: Request) -> float:
    return monotonic() - float(request.scope[ARRIVED])
