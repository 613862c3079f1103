"""Errors as RFC 9457 problem documents: the one table from classes to statuses."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, cast

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.domain import errors
from app.domain.errors import DarkroomError, FieldProblem

MEDIA_TYPE = "application/problem+json"
BODY_NOT_READ = (408, 413)
LONGEST_PATH_SHOWN = 200
ANSWER_HEADERS = "darkroom.answer_headers"
"""Where a request's scope keeps headers that its answer has to carry, an error's too."""
log = structlog.get_logger()

STATUSES: dict[type[DarkroomError], int] = {
    errors.InvalidRequest: 422,
    errors.UnknownProvider: 422,
    errors.UnknownModel: 422,
    errors.AmbiguousModel: 422,
    errors.OperationUnsupported: 422,
    errors.PriceUnknown: 422,
    errors.BudgetExceeded: 429,
    errors.BatchNotFound: 404,
    errors.InvalidIdempotencyKey: 400,
    errors.ContentRefused: 422,
    errors.IdempotencyConflict: 422,
    errors.ModelNotFound: 404,
    errors.PredictionNotFound: 404,
    errors.AlreadyFinished: 409,
    errors.PredictionUnfinished: 409,
    errors.NotPublishable: 409,
    errors.DeliveryNotFound: 404,
    errors.NotAttachable: 409,
    errors.EndpointNotFound: 404,
    errors.EndpointDisabled: 409,
    errors.TooManyEndpoints: 409,
    errors.EventNotFound: 404,
    errors.FileNotFound: 404,
    errors.FileInUse: 409,
    errors.Unauthenticated: 401,
    errors.ForbiddenScope: 403,
    errors.RateLimited: 429,
    errors.TooManyUnfinished: 429,
    errors.TooManyStreams: 429,
    errors.InvalidSignature: 401,
    errors.UnreadableWebhook: 400,
    errors.TemporarilyUnavailable: 503,
    errors.StorageFull: 503,
    errors.ModelListUnavailable: 503,
    errors.ModerationUnavailable: 503,
}

OWN_STATUSES = {
    "invalid_json": 400,
    "invalid_text": 400,
    "invalid_form": 400,
    "invalid_header": 400,
    "malformed_request": 400,
    "foreign_origin": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "body_too_slow": 408,
    "headers_too_slow": 408,
    "body_too_large": 413,
    "unsupported_media_type": 415,
    "range_not_satisfiable": 416,
    "headers_too_large": 431,
    "client_gone": 499,
    "internal_error": 500,
}
"""What the door itself refuses, before any action."""

TITLES = {
    "invalid_json": "The body is not usable JSON",
    "invalid_text": "A text cannot be stored",
    "invalid_form": "The body is no usable form",
    "invalid_header": "A header cannot be used",
    "invalid_request": "The request does not fit",
    "unknown_model": "Unknown model",
    "unknown_provider": "Unknown provider",
    "ambiguous_model": "Several providers have this model",
    "operation_unsupported": "The model cannot do that",
    "price_unknown": "Nobody knows the price",
    "budget_exceeded": "The budget does not cover it",
    "batch_not_found": "No such batch",
    "invalid_idempotency_key": "The idempotency key cannot be used",
    "content_refused": "Moderation refuses the content",
    "idempotency_conflict": "The idempotency key was used with another body",
    "model_not_found": "No such model",
    "prediction_not_found": "No such prediction",
    "already_finished": "The prediction has ended already",
    "prediction_unfinished": "The prediction has not ended yet",
    "not_publishable": "There is nothing to publish",
    "delivery_not_found": "No such delivery",
    "not_attachable": "The delivery and the prediction do not belong together",
    "endpoint_not_found": "No such endpoint",
    "endpoint_disabled": "The endpoint is disabled",
    "too_many_endpoints": "There are too many endpoints",
    "event_not_found": "No such event",
    "file_not_found": "No such file",
    "file_in_use": "A prediction still needs the file",
    "not_found": "There is nothing here",
    "method_not_allowed": "The path does not know this method",
    "unauthenticated": "A key is needed",
    "foreign_origin": "Another site may not do that",
    "forbidden_scope": "The key may not do that",
    "rate_limited": "Too many requests",
    "too_many_unfinished": "Too many unfinished predictions",
    "too_many_streams": "Too many open streams",
    "invalid_signature": "The signature does not verify",
    "unreadable_delivery": "The delivery cannot be read",
    "unavailable": "Not available for a moment",
    "storage_full": "The storage is nearly full",
    "model_list_unavailable": "The model list is not available yet",
    "moderation_unavailable": "Moderation is not available for a moment",
    "malformed_request": "This is no HTTP",
    "headers_too_large": "The headers are too large",
    "headers_too_slow": "The headers took too long",
    "body_too_large": "The body is too large",
    "body_too_slow": "The body took too long",
    "unsupported_media_type": "This content type is not read here",
    "range_not_satisfiable": "The range begins behind the end of the file",
    "client_gone": "The client hung up",
    "internal_error": "Something broke on our side",
}


class RequestProblem(DarkroomError):
    """A request refused by the door itself: the wrong bytes, type, size or header. Its code is in OWN_STATUSES."""

    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, code: str, detail: str, *, problems: tuple[FieldProblem, ...] = ()) -> None:
        super().__init__(detail, problems=problems)
        self.code = code


def status_of(error: DarkroomError) -> int:
    return OWN_STATUSES[error.code] if isinstance(error, RequestProblem) else STATUSES[type(error)]


def status_of_code(code: str) -> int:
    """For the OpenAPI document, which knows codes alone."""
    return {**{kind.code: status for kind, status in STATUSES.items()}, **OWN_STATUSES}[code]


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    problems: tuple[FieldProblem, ...] = (),
    retry_after: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    document: dict[str, Any] = {
        "type": f"urn:darkroom:problem:{code}",
        "title": TITLES.get(code) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request.scope.get("request_id"),
    }
    sent = {"Cache-Control": "no-store", **request.scope.get(ANSWER_HEADERS, {}), **(headers or {})}
    if problems:
        document["errors"] = [{"field": each.field, "message": each.message} for each in problems]
    if retry_after is not None:
        document["retry_after"] = retry_after
        sent["Retry-After"] = str(retry_after)
    if status == 401:
        sent["WWW-Authenticate"] = 'Bearer realm="darkroom"'
    if status in BODY_NOT_READ:
        sent["Connection"] = "close"
    return Response(json.dumps(document), status, headers=sent, media_type=MEDIA_TYPE)


async def on_darkroom_error(request: Request, error: Exception) -> Response:
    known = cast(DarkroomError, error)
    headers = known.headers if isinstance(known, RequestProblem) else None
    return problem(
        request,
        status_of(known),
        known.code,
        known.detail,
        problems=known.problems,
        retry_after=known.retry_after,
        headers=headers,
    )


async def on_http_exception(request: Request, error: Exception) -> Response:
    """The router's own: an unknown path, or a method that the path does not know."""
    known = cast(HTTPException, error)
    allowed = {"Allow": ", ".join(_methods_of(request))} if known.status_code == 405 else {}
    if allowed and request.method == "OPTIONS":
        return Response(status_code=204, headers=allowed)
    phrase = HTTPStatus(known.status_code).phrase
    path = request.scope["path"][:LONGEST_PATH_SHOWN]
    headers = {**(known.headers or {}), **allowed}
    code = phrase.lower().replace(" ", "_").replace("'", "")
    return problem(request, known.status_code, code, f"{phrase}: {request.method} {path}", headers=headers)


def _methods_of(request: Request) -> list[str]:
    """Of all routes at this path; Starlette names those of the first alone."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    found = [route.methods or () for route in routes if route.path_regex.match(request.scope["path"])]
    return sorted({method for methods in found for method in methods})


async def on_anything_else(request: Request, error: Exception) -> Response:
    log.error("request broke", path=request.scope["path"], exc_info=error)
    detail = "The request could not be handled; it is in our log under this request id."
    return problem(request, 500, "internal_error", detail)
