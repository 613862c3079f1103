"""The operations, for the OpenAPI document: what each takes, answers, and which codes it may refuse with."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.web import schemas


@dataclass(frozen=True, slots=True)
class Operation:
    """`problems` are codes; `media_types` are of answers that are no JSON; an `open` one needs no key."""

    method: str
    path: str
    id: str
    summary: str
    tag: str = "predictions"
    about: str = ""
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    answers: str = "As asked."
    parameters: tuple[dict[str, Any], ...] = ()
    problems: tuple[str, ...] = ()
    open: bool = False
    delivery: bool = False
    media_types: tuple[str, ...] = ()


def _parameter(name: str, where: str, text: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": where, "description": text, "schema": schema, "required": required}


_STRING = {"type": "string"}
_ID = _parameter("id", "path", "The prediction's id.", {"type": "string", "format": "uuid"}, required=True)
_CREATING = (
    _parameter(
        "Idempotency-Key",
        "header",
        "The same key and body within 24 hours: the same prediction, bought once.",
        {"type": "string", "minLength": 1, "maxLength": 255},
    ),
    _parameter("Prefer", "header", "`wait=N` holds the answer for up to N (1–60) seconds until it is final.", _STRING),
)
_READING = (
    _parameter(
        "wait",
        "query",
        "Hold for up to N (1–60) seconds: until it differs from `If-None-Match`, or is final.",
        {"type": "number"},
    ),
    _parameter("If-None-Match", "header", "The `ETag` of the last answer; 304 while nothing changed.", _STRING),
    _parameter("token", "query", "The prediction's `client_token`, in place of a key.", _STRING),
)
_TIME = {"type": "string", "format": "date-time"}
_FILTERS = (
    _parameter(
        "limit",
        "query",
        "Predictions a page.",
        {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    ),
    _parameter("cursor", "query", "`next` of the page before.", _STRING),
    _parameter(
        "status",
        "query",
        "Only these.",
        {"type": "string", "enum": ["starting", "processing", "succeeded", "failed", "canceled"]},
    ),
    _parameter("provider", "query", "Only this provider's.", _STRING),
    _parameter("model", "query", "Only this model's.", _STRING),
    _parameter("created_after", "query", "From this time on.", _TIME),
    _parameter("created_before", "query", "Before this time.", _TIME),
)
_SIGNATURE = _parameter(
    "X-Skytells-Signature",
    "header",
    "HMAC-SHA256 of the raw body, in hex, with or without `sha256=`.",
    _STRING,
    required=True,
)
_PROVIDER = _parameter("provider", "path", "Such as `skytells`.", _STRING, required=True)
_KEY = _parameter("key", "path", "The file's key, which is its capability.", _STRING, required=True)
_RANGE = _parameter("Range", "header", "One range of bytes, such as `bytes=0-1023`.", _STRING)
_KNOWN_FILE = _parameter("If-None-Match", "header", "The `ETag` of an earlier answer.", _STRING)

_KEYED = ("invalid_header", "unauthenticated", "unavailable")
_JSON = ("invalid_json", "invalid_text", "body_too_slow", "body_too_large", "unsupported_media_type", "invalid_request")
_ORDER = (
    *_KEYED,
    *_JSON,
    "invalid_idempotency_key",
    "idempotency_conflict",
    "unknown_provider",
    "unknown_model",
    "model_list_unavailable",
)
_DOOR = ("invalid_signature", "unreadable_delivery", "body_too_slow", "body_too_large", "unavailable")

OPERATIONS = (
    Operation(
        "post",
        "/api/predictions",
        "createPrediction",
        "Create a prediction",
        about="Answers at once; the picture follows. Poll the prediction, hold the answer with `Prefer: wait`, or name "
        "a `webhook`.",
        body=schemas.CreatePrediction,
        answer=schemas.PredictionView,
        status=201,
        answers="Created; `Location` is its address.",
        parameters=_CREATING,
        problems=_ORDER,
    ),
    Operation(
        "post",
        "/api/generate",
        "generate",
        "Create a prediction from a flat form",
        about="The same for forms: the fields of the input at the top, with the default model.",
        body=schemas.Generate,
        answer=schemas.PredictionView,
        status=201,
        answers="Created; `Location` is its address.",
        parameters=_CREATING,
        problems=_ORDER,
    ),
    Operation(
        "get",
        "/api/predictions/{id}",
        "readPrediction",
        "Read a prediction",
        about="`succeeded` means stored: every output then lies whole in our storage. While it is unfinished, "
        "`Retry-After` says when to ask again.",
        answer=schemas.PredictionView,
        answers="As it is now.",
        parameters=(_ID, *_READING),
        problems=(*_KEYED, "prediction_not_found", "invalid_request"),
    ),
    Operation(
        "get",
        "/api/predictions",
        "listPredictions",
        "List predictions, newest first",
        answer=schemas.PredictionPage,
        answers="One page of them.",
        parameters=_FILTERS,
        problems=(*_KEYED, "invalid_request"),
    ),
    Operation(
        "get",
        "/files/{key}",
        "readFile",
        "Read a stored output",
        "files",
        about="For `<img>` and for caches: a file never changes under its address.",
        answers="The bytes.",
        parameters=(_KEY, _RANGE, _KNOWN_FILE),
        problems=("file_not_found", "range_not_satisfiable", "unavailable"),
        open=True,
        media_types=("image/*", "video/*", "audio/*", "application/octet-stream"),
    ),
    Operation(
        "get",
        "/api/models",
        "listModels",
        "List what can be asked of whom",
        "models",
        answer=schemas.ModelsView,
        answers="All models of all providers.",
        problems=_KEYED,
    ),
    Operation(
        "post",
        "/api/webhooks",
        "receiveWebhook",
        "Receive a delivery of Skytells",
        "webhooks",
        answer=schemas.WebhookReceipt,
        answers="Kept for good.",
        parameters=(_SIGNATURE,),
        problems=_DOOR,
        open=True,
        delivery=True,
    ),
    Operation(
        "post",
        "/api/webhooks/{provider}",
        "receiveProviderWebhook",
        "Receive a delivery of a provider",
        "webhooks",
        answer=schemas.WebhookReceipt,
        answers="Kept for good.",
        parameters=(_PROVIDER, _SIGNATURE),
        problems=(*_DOOR, "not_found"),
        open=True,
        delivery=True,
    ),
    Operation(
        "get",
        "/health",
        "health",
        "Alive",
        "service",
        answer=schemas.Health,
        answers="This process answers.",
        open=True,
    ),
    Operation(
        "get",
        "/health/ready",
        "ready",
        "Able to work",
        "service",
        answer=schemas.Health,
        answers="Database, migrations and storage are well, and no work lies overdue.",
        open=True,
    ),
    Operation(
        "get",
        "/openapi.json",
        "openapi",
        "This document",
        "service",
        answers="OpenAPI 3.1.",
        open=True,
        media_types=("application/json",),
    ),
    Operation(
        "get",
        "/docs",
        "docs",
        "This document, for people",
        "service",
        answers="A page.",
        open=True,
        media_types=("text/html",),
    ),
)
