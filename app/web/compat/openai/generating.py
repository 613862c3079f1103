"""`POST /images/generations`."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.caller import Caller
from app.domain.order import Order
from app.web.compat.buying import buy_guarded
from app.web.compat.openai.models import require_pictures
from app.web.compat.openai.pictures import told
from app.web.compat.openai.streaming import streamed
from app.web.compat.openai.wishes import Wish, generation
from app.web.requests import read_object
from app.web.shared import shared


async def generate(request: Request, caller: Caller) -> Response:
    wish, order = generation(await read_object(request), shared(request))
    return await made(request, caller, wish, order, "image_generation.completed")


async def made(request: Request, caller: Caller, wish: Wish, order: Order, event: str = "") -> Response:
    """Bought, and told once its pictures are stored; `event` is what a stream calls one."""
    common = shared(request)
    await require_pictures(order.maker, common)
    prediction = await buy_guarded(request, caller, order, None if wish.stream else common.policy.openai_seconds)
    return streamed(common, prediction, event) if wish.stream else await told(request, prediction, wish)
