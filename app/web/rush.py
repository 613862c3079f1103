"""The webhook door in a rush: a delivery that can be kept at once is, before the application is asked.

Only what is usual is answered here: a small body that came whole, authentic, readable, of a provider of ours. All else,
and every delivery while there is no rush, goes on to `webhooks.receive`, which answers the same to the byte.
"""

import asyncio
from collections.abc import Mapping
from time import perf_counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.actions.receive_webhook import Receipt, delivery_of, keep_for_workers
from app.domain.errors import TemporarilyUnavailable
from app.domain.ports import Provider, Unavailable, UnreadableDelivery
from app.watch import tracing
from app.web.errors import problem
from app.web.middleware import request_id_of
from app.web.polls.rendered import raw
from app.web.shared import Shared
from app.web.traffic import Traffic
from app.web.webhooks import ANSWER_WITHIN_SECONDS, BARE_PROVIDER, NOT_KEPT, read_token, receipt_body

DOOR = "/api/webhooks"


class RushDoor:
    """Before all other middleware. `always` are the headers of every answer."""

    def __init__(self, app: ASGIApp, traffic: Traffic, always: Mapping[str, str]) -> None:
        self._app = app
        self._traffic = traffic
        self._always = raw(always)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(DOOR):
            await self._app(scope, receive, send)
            return
        shared: Shared = scope["state"]["shared"]
        if not shared.intake.is_rushed or tracing.is_on():
            await self._app(scope, receive, send)
            return
        began, first = perf_counter(), await receive()
        try:
            answer = await self._answer_to(shared, scope, first)
        except (TemporarilyUnavailable, TimeoutError):
            answer = problem(Request(scope), 503, "unavailable", NOT_KEPT)
        if answer is None:
            await self._app(scope, _beginning_with(first, receive), send)
            return
        answer.raw_headers += [*self._always, (b"x-request-id", scope["request_id"].encode())]
        await answer(scope, receive, send)
        route = DOOR if scope["path"] == DOOR else f"{DOOR}/{{provider}}"
        self._traffic.answered(route, "POST", answer.status_code, perf_counter() - began)

    async def _answer_to(self, shared: Shared, scope: Scope, first: Message) -> Response | None:
        """None for what others should look at."""
        scope["request_id"] = request_id_of(scope)
        receipt = await self._received(shared, scope, first)
        return None if receipt is None else Response(receipt_body(receipt), media_type="application/json")

    async def _received(self, shared: Shared, scope: Scope, first: Message) -> Receipt | None:
        provider = shared.providers.get(scope["path"].removeprefix(DOOR).removeprefix("/") or BARE_PROVIDER)
        headers = {str(name, "latin-1"): str(value, "latin-1") for name, value in scope["headers"]}
        is_whole = first["type"] == "http.request" and not first.get("more_body")
        if provider is None or not is_whole or len(headers) != len(scope["headers"]):
            return None
        token = read_token(scope["query_string"])
        try:
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                return await _kept(shared, provider, headers, first["body"], token)
        except (Unavailable, UnreadableDelivery):
            return None


async def _kept(
    shared: Shared, provider: Provider, headers: Mapping[str, str], body: bytes, token: str | None
) -> Receipt | None:
    await provider.refresh_keys()
    if not provider.is_authentic(headers, body):
        return None
    report = provider.read_delivery(body)
    shared.intake.note_arrival()
    return await keep_for_workers(shared.intake, provider, delivery_of(provider, report, headers, body), report, token)


def _beginning_with(first: Message, receive: Receive) -> Receive:
    """What was read already is read once more."""
    unread = [first]

    async def again() -> Message:
        return unread.pop() if unread else await receive()

    return again
