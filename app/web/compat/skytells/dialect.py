"""Errors as Skytells tells them: one envelope, which all of its clients read, with an `error_id` of its own list."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import DarkroomError
from app.web.compat.answers import refused

Words = tuple[int, str]
BAD_REQUEST: Words = (400, "INVALID_REQUEST")
UNFIT: Words = (422, "VALIDATION_ERROR")
NO_MODEL: Words = (404, "MODEL_NOT_FOUND")
UNABLE: Words = (422, "MODEL_NOT_SUPPORTED")
TOO_MANY: Words = (429, "RATE_LIMIT_EXCEEDED")
AWAY: Words = (503, "SERVICE_UNAVAILABLE")

BY_CODE: Mapping[str, Words] = {
    "unauthenticated": (401, "UNAUTHORIZED"),
    "forbidden_scope": (403, "FORBIDDEN"),
    "unknown_model": NO_MODEL,
    "model_not_found": NO_MODEL,
    "operation_unsupported": UNABLE,
    "price_unknown": UNABLE,
    "budget_exceeded": (402, "INSUFFICIENT_CREDITS"),
    "content_refused": (451, "CONTENT_POLICY_VIOLATION"),
    "prediction_not_found": (404, "RESOURCE_NOT_FOUND"),
    "already_finished": BAD_REQUEST,
    "prediction_unfinished": BAD_REQUEST,
    "rate_limited": TOO_MANY,
    "too_many_unfinished": TOO_MANY,
    "not_found": (404, "ENDPOINT_NOT_FOUND"),
    "method_not_allowed": (405, "ENDPOINT_NOT_FOUND"),
    "internal_error": (500, "INTERNAL_ERROR"),
}
BY_STATUS: Mapping[int, Words] = {422: UNFIT, 503: AWAY}
OF_QUERIES: Mapping[frozenset[str], Words] = {
    frozenset({"from", "to"}): (400, "INVALID_DATE_RANGE"),
    frozenset({"from"}): (400, "INVALID_DATE_FORMAT"),
    frozenset({"to"}): (400, "INVALID_DATE_FORMAT"),
}
"""By the parameters that do not fit."""
BAD_PARAMETER: Words = (400, "INVALID_PARAMETER")


def in_their_words(request: Request, status: int, error: DarkroomError) -> Response:
    status, error_id = _words(request, status, error)
    facts = {
        "http_status": status,
        "message": error.detail,
        "details": _details(error),
        "error_id": error_id,
        "request_id": request.scope.get("request_id"),
    }
    return refused(request, {"status": False, "response": error.detail, "error": facts}, status, error)


def _words(request: Request, status: int, error: DarkroomError) -> Words:
    if error.code == "invalid_request" and request.method == "GET":
        return OF_QUERIES.get(frozenset(each.field for each in error.problems), BAD_PARAMETER)
    return BY_CODE.get(error.code) or BY_STATUS.get(status) or (status, BAD_REQUEST[1])


def _details(error: DarkroomError) -> str:
    """One text, since that is what the clients' types promise."""
    return "; ".join(f"{each.field}: {each.message}" for each in error.problems) or error.detail
