"""Errors as Replicate tells them: RFC 7807 with a list of the fields that do not fit.

Its clients turn any JSON object of a status from 400 on into their own exception. A spent budget is a 402, which
nobody sends again, where a 429 would be sent six times within ten milliseconds (npm 1.4.0).
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import (
    BudgetExceeded,
    ContentRefused,
    DarkroomError,
    FieldProblem,
    ForbiddenScope,
    RateLimited,
    TooManyUnfinished,
)
from app.web.compat.answers import refused
from app.web.errors import MEDIA_TYPE, TITLES

LONGEST_PAUSE = 5
"""PyPI 1.0.7 sleeps as long as a read's `Retry-After` says, up to ten times, and nobody can wake it."""
KINDS = (
    (re.compile("is required|Field required"), "required"),
    (re.compile("has no such field|Extra inputs"), "additional_property_not_allowed"),
    (re.compile("must be one of"), "enum"),
    (re.compile("must be at most"), "number_lte"),
    (re.compile("must be at least"), "number_gte"),
    (re.compile("must be of type|Input should be"), "invalid_type"),
)


def dialect(request: Request, status: int, error: DarkroomError) -> Response:
    pause = error.retry_after
    if pause is not None and request.method in ("GET", "HEAD", "DELETE"):
        pause = min(pause, LONGEST_PAUSE)
    status = 402 if isinstance(error, BudgetExceeded) else status
    document: dict[str, Any] = {
        "title": _title(error),
        "detail": _detail(error),
        "status": status,
        "code": error.code,
        "request_id": request.scope.get("request_id"),
    }
    if error.problems:
        document["invalid_fields"] = [_field(each) for each in error.problems]
    if pause is not None:
        document["retry_after"] = pause
    return refused(request, document, status, error, retry_after=pause, media_type=MEDIA_TYPE)


def _title(error: DarkroomError) -> str:
    if isinstance(error, BudgetExceeded):
        return "Insufficient credit"
    if isinstance(error, ForbiddenScope):
        return "Forbidden"
    known = {
        "unauthenticated": "Unauthenticated",
        "invalid_request": "Input validation failed",
        "unknown_model": "Invalid version or not permitted",
    }
    return known.get(error.code) or TITLES[error.code]


def _detail(error: DarkroomError) -> str:
    """Whoever looks for the words of its throttle or of its content filters finds them."""
    if isinstance(error, RateLimited):
        return f"Request was throttled. Your rate limit resets in ~{error.retry_after}s."
    if isinstance(error, TooManyUnfinished):
        return f"Request was throttled. {error.detail}"
    if isinstance(error, ContentRefused):
        return f"{error.detail} The input was flagged as sensitive (E005)."
    lines = "".join(f"- {each.field}: {each.message}\n" for each in error.problems)
    return lines if lines and error.code == "invalid_request" else error.detail


def _field(problem: FieldProblem) -> dict[str, str]:
    kind = next((name for pattern, name in KINDS if pattern.search(problem.message)), "invalid")
    return {"type": kind, "field": problem.field, "description": problem.message}
