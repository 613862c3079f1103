"""What this process answers: requests by route, method and status, how long until the answer began, and their spans."""

import os
import socket
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.watch import tracing
from app.watch.tracing import Span

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0, 60.0)
"""Seconds; the last ones are for requests that asked to wait."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE, OTHER_METHOD, HUNG_UP = "unknown", "other", 499


@dataclass(slots=True)
class Latencies:
    """A histogram: how many fell under each of BOUNDS and not under the one below, then those beyond; and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class Traffic:
    """`process` is the label of what is of one process alone. Forged deliveries are counted here, since no row is
    made of them."""

    process: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    latencies: dict[tuple[str, str], Latencies] = field(default_factory=dict)
    forged_deliveries: int = 0

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        self.requests[route, method, status] += 1
        self.latencies.setdefault((route, method), Latencies()).add(seconds)


class Watched:
    """Counts every request, also those that no route takes, and makes a span of those that one does."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, took = perf_counter(), HUNG_UP, 0.0

        async def noticed(message: Message) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                status, took = message["status"], perf_counter() - began
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else OTHER_METHOD
        with tracing.span(method, kind="server", parent=_parent(scope)) as span:
            try:
                await self._app(scope, receive, noticed)
            finally:
                route = _route(scope)
                self._traffic.answered(route, method, status, took or perf_counter() - began)
                _describe(span, route, method, status)


def _describe(span: Span, route: str, method: str, status: int) -> None:
    span.rename(f"{method} {route}")
    noted: dict[str, str | int | float] = {"http.route": route, "http.request.method": method}
    span.note(**noted, **{"http.response.status_code": status})


def _route(scope: Scope) -> str:
    """The template, `/api/predictions/{id}`: what strangers make up stays one value."""
    found = scope.get("route")
    return scope.get("root_path", "") + found.path if isinstance(found, Route) else NO_ROUTE


def _parent(scope: Scope) -> str | None:
    """A caller's own trace goes on here."""
    return next((str(value, "latin-1") for name, value in scope["headers"] if name == b"traceparent"), None)
