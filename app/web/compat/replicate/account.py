"""Who asks, what his webhooks are signed with, and the hardware that there is to choose: none, since others run it."""

from starlette.requests import Request
from starlette.responses import Response

from app.actions.notify_client import read_signing_secret
from app.domain.caller import Caller
from app.web.compat.replicate.predictions import answer
from app.web.shared import shared


async def account(_: Request, caller: Caller) -> Response:
    return answer({"type": "organization", "username": caller.owner, "name": caller.owner})


async def hardware(_: Request, __: Caller) -> Response:
    return answer([])


async def webhook_secret(request: Request, caller: Caller) -> Response:
    return answer({"key": await read_signing_secret(shared(request).database, caller.owner)})
