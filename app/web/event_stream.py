"""Server-sent events as an answer, counted among its caller's open streams."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.web.auth import CALLER
from app.web.limits import who_asks
from app.web.shared import shared

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """Counted while it is sent, so that whatever ends it ends the count. Raises TooManyStreams before it begins."""

    def __init__(self, request: Request, events: AsyncIterator[str] | AsyncIterator[bytes]) -> None:
        super().__init__(events, media_type="text/event-stream", headers=HEADERS)
        self._who = who_asks(request, request.scope.get(CALLER))
        self._streams = shared(request).streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.one_more(self._who):
            await super().__call__(scope, receive, send)
