"""The routes below /v1, both columns of them: who may enter, and how much."""

import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.emulator.book import Book
from scripts.emulator.creates import Creates
from scripts.emulator.limits import Limits
from scripts.emulator.orders import Refusal
from scripts.emulator.reads import Reads

Handler = Callable[[Request], Awaitable[Response]]


class Door:
    def __init__(self, book: Book, creates: Creates, reads: Reads, limits: Limits) -> None:
        self._book, self._creates, self._reads, self._limits = book, creates, reads, limits

    def routes(self) -> list[Route]:
        creates, reads, one = self._creates, self._reads, "/predictions/{id}"
        return [
            self._route("POST", "/predictions", creates.create),
            self._route("POST", "/predict", creates.create),
            self._route("GET", "/predictions", reads.browse),
            self._route("GET", one, reads.get),
            self._route("GET", one + "/stream", reads.get),
            self._route("POST", one + "/cancel", reads.cancel),
            self._route("DELETE", one, reads.delete),
            self._route("DELETE", one + "/delete", reads.delete),
            self._route("GET", "/models", reads.models),
            self._route("GET", "/models/{slug:path}", reads.model),
            self._route("GET", "/model/{slug:path}", reads.model),
        ]

    def _route(self, method: str, path: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            self._identify(request)
            self._book.requests[f"{method} {path}"] += 1
            response = await handler(request)
            if response.status_code < 300:
                response.headers.update(self._limits.headers())
            return response

        return Route("/v1" + path, endpoint, methods=[method])

    def _identify(self, request: Request) -> None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = request.headers.get("x-api-key") or bearer
        if not hmac.compare_digest(given.encode(), self._book.settings.api_key.encode()):
            raise Refusal(401, "UNAUTHORIZED", "Invalid or missing API key.")
