"""What makes a face of routes: its prefix, and its own words for every error."""

from collections.abc import Callable, Sequence
from typing import cast

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from app.domain.errors import DarkroomError
from app.web.errors import RequestProblem, status_of
from app.web.handovers import HandingOver
from app.web.middleware import Unbroken

Dialect = Callable[[Request, int, DarkroomError], Response]
"""An error as the face tells it: the status that our own API would have, and what went wrong."""
log = structlog.get_logger()
ROUTER_CODES = {404: "not_found", 405: "method_not_allowed"}


def make_face(name: str, prefix: str, routes: Sequence[BaseRoute], dialect: Dialect) -> Mount:
    async def on_darkroom_error(request: Request, error: Exception) -> Response:
        known = cast(DarkroomError, error)
        return dialect(request, status_of(known), known)

    async def on_http_exception(request: Request, error: Exception) -> Response:
        status = cast(HTTPException, error).status_code
        code = ROUTER_CODES.get(status, "malformed_request")
        return dialect(request, status, RequestProblem(code, f"{request.method} {prefix} has no such route."))

    async def on_anything_else(request: Request, error: Exception) -> Response:
        log.error("request broke", path=request.scope["path"], exc_info=error)
        detail = "The request could not be handled; it is in our log under this request id."
        return dialect(request, 500, RequestProblem("internal_error", detail))

    face = Starlette(
        routes=routes,
        middleware=[Middleware(HandingOver), Middleware(Unbroken, answer=on_anything_else)],
        exception_handlers={DarkroomError: on_darkroom_error, HTTPException: on_http_exception},
    )
    face.router.redirect_slashes = False
    return Mount(prefix, face, name=name)
