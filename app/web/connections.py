"""Connections that nobody can hold for nothing: uvicorn's protocol with the limits that it lacks.

uvicorn 0.54 (`protocols/http/httptools_impl.py`) closes a connection that idles between two requests, and no other:
one that never speaks, drips its headers, sends headers without end or does not take its answer stays as long as it
likes. The limits here are nginx's, by its names `client_header_timeout`, `large_client_header_buffers`,
`keepalive_timeout` and `send_timeout`; the body's own time is `requests.read_body`'s business.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.web.errors import OWN_STATUSES, problem
from app.web.lingering import LingeringTransport
from app.web.middleware import CAREFUL

LARGEST_HEADERS = 64 * 1024
ENDLESS = ("/api/live",)
"""Whoever reads these comes back by himself; waiting for their end would be waiting in vain."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until headers must have come, without a request, and without taking any of an answer."""

    headers: float = 10.0
    idle: float = 75.0
    stall: float = 60.0


def protocol(patience: Patience) -> type[HttpToolsProtocol]:
    """For `uvicorn.Config(http=…)`, which makes one for each connection."""
    return type("PatientProtocol", (_PatientProtocol,), {"patience": patience})


class _PatientProtocol(HttpToolsProtocol):
    """One clock: for headers while none are complete, for idling in between, stopped while a request is answered."""

    patience: ClassVar[Patience]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.timeout_keep_alive = self.patience.idle  # type: ignore[assignment]
        self._clock: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._in_headers = self._refused = False
        self._bytes_come = self._bytes_read = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._lingering = LingeringTransport(transport, self.loop, self._is_cut)
        self.transport = self._lingering  # type: ignore[assignment]
        self._start(self.patience.headers, self._headers_too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._lingering.closed()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Most requests come whole, at once, and need no clock."""
        if self._lingering.is_lingering:
            return
        were_headers = self._in_headers or self._is_idle()
        super().data_received(data)
        if self._clock is None and (self._in_headers or self._is_idle()) and not self.transport.is_closing():
            self._start(self.patience.headers, self._headers_too_slow)
        if were_headers and self._in_headers:
            self._bytes_come += len(data)
            if self._bytes_come > LARGEST_HEADERS:
                self._refuse("headers_too_large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_headers = True
        self._bytes_come = self._bytes_read = 0

    def on_url(self, url: bytes) -> None:
        self._counted(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._counted(len(name) + len(value) + len(b": \r\n"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_headers = False
        self._stop()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What came of a body after its answer has come to its end too; from now on the connection idles."""
        super().on_message_complete()
        if self._is_idle():
            self._start(self.patience.idle, self.transport.close)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self.pause_writing()  # what is still under way is taken in time, or never
        elif self._in_headers:
            self._unset_keepalive_if_required()
            self._start(self.patience.headers, self._headers_too_slow)

    def shutdown(self) -> None:
        super().shutdown()
        if not self._is_idle() and self.scope["path"] in ENDLESS:
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self._stalled or self.loop.call_later(self.patience.stall, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def send_400_response(self, msg: str) -> None:
        """uvicorn's word for what its parser cannot read, or what `_counted` made it stop at."""
        self._refuse("headers_too_large" if self._bytes_read > LARGEST_HEADERS else "malformed_request")

    def _refuse(self, code: str) -> None:
        """Not into the middle of another request's answer."""
        self._stop()
        self._in_headers = False
        self._refused = True
        request_id = secrets.token_hex(8)
        log.info("request refused", code=code, request_id=request_id)
        if not self.transport.is_closing() and (self._is_idle() or not self.cycle.response_started):
            self.transport.write(_answer(code, self._why(code), request_id))
        self.transport.close()
        self.pause_writing()

    def _why(self, code: str) -> str:
        return {
            "malformed_request": "This is no HTTP/1.1 request.",
            "headers_too_large": f"The headers may have at most {LARGEST_HEADERS:,} bytes.",
            "headers_too_slow": f"The headers took longer than {self.patience.headers:g} s.",
        }[code]

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _is_cut(self) -> bool:
        """Whether more may come of what has been answered already."""
        return self._refused or (self.cycle is not None and self.cycle.more_body and self.cycle.response_complete)

    def _headers_too_slow(self) -> None:
        """Who has said nothing gets no answer: it might be taken for that to a request which is just under way."""
        if self._in_headers:
            self._refuse("headers_too_slow")
        else:
            self.transport.close()

    def _counted(self, size: int) -> None:
        """Raises within the parser, which then gives up."""
        self._bytes_read += size
        if self._bytes_read > LARGEST_HEADERS:
            raise ValueError("the headers are too large")

    def _start(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop()
        self._clock = self.loop.call_later(seconds, then, context=Context())  # no other request's words in the log

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


def _answer(code: str, detail: str, request_id: str) -> bytes:
    """A problem as it goes over the wire, where no application has been asked."""
    status = OWN_STATUSES[code]
    request = Request({"type": "http", "headers": [], "request_id": request_id})
    made = problem(request, status, code, detail, headers={**CAREFUL, "Connection": "close"})
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
    lines += [name + b": " + value for name, value in made.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(made.body)])
