"""What an answer of any face has beside its own words."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import DarkroomError
from app.web.errors import ANSWER_HEADERS, BODY_NOT_READ, RequestProblem

PRIVATE = {"Cache-Control": "private, no-cache"}


def answered(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, headers={**PRIVATE, **(headers or {})}, media_type="application/json")


def refused(
    request: Request,
    document: Any,
    status: int,
    error: DarkroomError,
    headers: Mapping[str, str] | None = None,
    *,
    retry_after: int | None = None,
    media_type: str = "application/json",
) -> Response:
    """The face's own document of an error, with the headers that it needs here: what is left of a limit, when to come
    back (`retry_after`, or else the error's own), and an end to the connection where the body was not read."""
    sent = {"Cache-Control": "no-store", **request.scope.get(ANSWER_HEADERS, {}), **(headers or {})}
    if isinstance(error, RequestProblem):
        sent |= error.headers
    pause = error.retry_after if retry_after is None else retry_after
    if pause is not None:
        sent["Retry-After"] = str(pause)
    if status == 401:
        sent["WWW-Authenticate"] = 'Bearer realm="darkroom"'
    if status in BODY_NOT_READ:
        sent["Connection"] = "close"
    return Response(json.dumps(document, ensure_ascii=False), status, headers=sent, media_type=media_type)
