"""The quick way: a poll of a remembered prediction by a remembered key, or by its client token.

It answers what `predictions.read` would, to the byte, or leaves the request to it: whatever is out of the ordinary
(a wait, a page's cookie or origin, two keys, a trace), and all that is not remembered. Such polls are counted like any
request; the log has them at its debug level only.
"""

import re
from dataclasses import dataclass
from hmac import compare_digest
from time import perf_counter
from uuid import UUID

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from app.domain.caller import Scope as May
from app.watch import tracing
from app.web.auth import CLIENT_TOKENS
from app.web.middleware import request_id_of
from app.web.polls.rendered import Rendered
from app.web.shared import Shared
from app.web.traffic import Traffic

PATH = re.compile(r"/api/predictions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
ROUTE = "/api/predictions/{id}"
ETAG = re.compile(rb'"[0-9]{1,9}"')
CREDENTIALS = re.compile(rb"[Bb]earer (dk_[!-~]{1,200}|ct_[!-~]{1,200})")
KEY_HEADERS = frozenset((b"authorization", b"x-api-key"))
LEFT_TO_OTHERS = frozenset((b"origin", b"cookie", b"traceparent", b"content-length", b"transfer-encoding"))
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Poll:
    """`etag` is what the client has already."""

    prediction_id: UUID
    credentials: str
    etag: str | None

    @property
    def newest(self) -> int:
        return int(self.etag[1:-1]) if self.etag else 0


class QuickPolls:
    """Before all other middleware."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        poll = poll_of(scope)
        found = None if poll is None else known(scope["state"]["shared"], poll)
        if poll is None or found is None:
            await self._app(scope, receive, send)
            return
        is_same = poll.etag == found.etag
        status, headers, body = (304, found.unchanged, b"") if is_same else (200, found.whole, found.body)
        request_id = request_id_of(scope)
        own = (b"x-request-id", request_id.encode())
        await send({"type": "http.response.start", "status": status, "headers": [*headers, own]})
        await send({"type": "http.response.body", "body": body})
        self._traffic.answered(ROUTE, "GET", status, perf_counter() - began)
        log.debug("request", method="GET", path=scope["path"], status=status, request_id=request_id)


def poll_of(scope: Scope) -> Poll | None:
    """None for what is none, and for what others should look at."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"] or tracing.is_on():
        return None
    path = PATH.fullmatch(scope["path"])
    return None if path is None else _poll(path[1], scope["headers"])


def _poll(subject: str, headers: list[tuple[bytes, bytes]]) -> Poll | None:
    credentials: bytes | None = None
    etag: bytes | None = None
    for name, value in headers:
        if name in KEY_HEADERS:
            if credentials is not None:
                return None
            credentials = value if name == b"authorization" else b"Bearer " + value
        elif name == b"if-none-match":
            if etag is not None or ETAG.fullmatch(value) is None:
                return None
            etag = value
        elif name in LEFT_TO_OTHERS:
            return None
    given = None if credentials is None else CREDENTIALS.fullmatch(credentials)
    return None if given is None else Poll(UUID(subject), given[1].decode(), None if etag is None else etag.decode())


def known(shared: Shared, poll: Poll) -> Rendered | None:
    """What this poll may be answered with, if that is remembered."""
    found = shared.reads.known(poll.prediction_id, at_least=poll.newest)
    if found is None:
        return None
    if poll.credentials.startswith(CLIENT_TOKENS):
        return found if compare_digest(found.client_token, poll.credentials) else None
    caller = shared.callers.known(poll.credentials)
    return found if caller is not None and May.READ in caller.scopes and caller.owner == found.owner else None
