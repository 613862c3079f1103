"""Around every request: an id, one log line, the headers that keep browsers careful."""

import re
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.errors import on_anything_else

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
CAREFUL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""For answers that say nothing else: data, which no page shows, frames or embeds. Pages and files have their own."""
ONE_YEAR = 31_536_000
POLL = re.compile(r"/api/predictions/[0-9a-fA-F-]{36}")
QUIET_PATHS = ("/health", "/health/ready")
Answer = Callable[[Request, Exception], Awaitable[Response]]
log = structlog.get_logger()


class RequestId:
    """Takes a sane `X-Request-ID` or makes one; it is on every log line and in every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = request_id = request_id_of(scope)
        started, status = perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                self._tell(scope, status, perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        """The path without its query, which may carry a token."""
        say = log.debug if _is_usual(scope, status) else log.info
        say("request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1))


def careful_headers(*, secure: bool) -> dict[str, str]:
    """`secure`: that browsers may come by https alone, from now on for a year."""
    always = {"Strict-Transport-Security": f"max-age={ONE_YEAR}"} if secure else {}
    return {**CAREFUL, **always}


class CarefulHeaders:
    """What browsers need to be told."""

    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self._app = app
        self._headers = careful_headers(secure=secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_carefully(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_carefully)


class Unbroken:
    """Answers for what breaks below, innermost, so that such an answer has its id and CORS headers like any other."""

    def __init__(self, app: ASGIApp, answer: Answer = on_anything_else) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            answer = await self._answer(Request(scope), error)
            await answer(scope, receive, send)


def request_id_of(scope: Scope) -> str:
    """The caller's own, if it is a sane one."""
    return _given_id(scope) or secrets.token_hex(8)


def _is_usual(scope: Scope, status: int) -> bool:
    """Probes, files, and polls that were answered: what comes by the thousand and tells nothing."""
    path: str = scope["path"]
    if path in QUIET_PATHS or path.startswith("/files/"):
        return True
    return scope["method"] == "GET" and status in (200, 304) and POLL.fullmatch(path) is not None


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and ID.fullmatch(text := str(value, "latin-1")):
            return text
    return None
