"""The OpenAPI 3.1 document, made from `schemas` and the table of operations below.

Built by hand, since the generators that were tried either wrote an invalid 3.1 or wanted YAML in docstrings. A test
compares its paths with the application's routes.
"""

from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.web import schemas

REF = "#/components/schemas/{model}"
PROBLEM = {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}}


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    id: str
    summary: str
    tag: str = "predictions"
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    parameters: tuple[dict[str, Any], ...] = ()
    problems: tuple[int, ...] = ()
    open: bool = False
    media_types: tuple[str, ...] = ()
    also: dict[str, Any] = field(default_factory=dict)


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
_DELIVERY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}
_PROVIDER = _parameter("provider", "path", "Such as `skytells`.", _STRING, required=True)
_KEY = _parameter("key", "path", "The file's key, which is its capability.", _STRING, required=True)

OPERATIONS = (
    Operation("post", "/api/predictions", "createPrediction", "Create a prediction", body=schemas.CreatePrediction,
              answer=schemas.PredictionView, status=201, parameters=_CREATING, problems=(400, 401, 413, 415, 422, 503)),
    Operation("get", "/api/predictions", "listPredictions", "List predictions, newest first", answer=schemas.PredictionPage,
              parameters=_FILTERS, problems=(401, 422, 503)),
    Operation("get", "/api/predictions/{id}", "readPrediction", "Read a prediction", answer=schemas.PredictionView,
              parameters=(_ID, *_READING), problems=(401, 404, 422, 503)),
    Operation("post", "/api/generate", "generate", "Create a prediction from a flat form", body=schemas.Generate,
              answer=schemas.PredictionView, status=201, parameters=_CREATING, problems=(400, 401, 413, 415, 422, 503)),
    Operation("get", "/api/models", "listModels", "What can be asked of whom", "models", answer=schemas.ModelsView, problems=(401, 503)),
    Operation("post", "/api/webhooks", "receiveWebhook", "Skytells' door", "webhooks", answer=schemas.WebhookReceipt,
              parameters=(_SIGNATURE,), problems=(400, 401, 413, 503), open=True, also=_DELIVERY),
    Operation("post", "/api/webhooks/{provider}", "receiveProviderWebhook", "A provider's door", "webhooks",
              answer=schemas.WebhookReceipt, parameters=(_PROVIDER, _SIGNATURE), problems=(400, 401, 404, 413, 503),
              open=True, also=_DELIVERY),
    Operation("get", "/files/{key}", "readFile", "A stored output", "files", parameters=(_KEY,), problems=(404, 503),
              open=True, media_types=("image/*", "video/*", "audio/*", "application/octet-stream")),
    Operation("get", "/health", "health", "Alive", "health", answer=schemas.Health, open=True),
    Operation("get", "/health/ready", "ready", "Able to work", "health", answer=schemas.Health, open=True,
              also={"responses": {"503": {"description": "Not able to work; `checks` say why.", "content": {
                  "application/json": {"schema": {"$ref": REF.format(model="Health")}}}}}}),
)  # fmt: skip

_SAID = {
    400: "The request cannot be read.",
    401: "A key or signature is missing or wrong.",
    404: "There is none, or it is somebody else's.",
    413: "The body is too large.",
    415: "Not application/json.",
    422: "The request does not fit; `errors` name the fields.",
    503: "Not available for a moment; see `Retry-After`.",
}


@cache
def document(public_url: str) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Darkroom",
            "version": version("darkroom"),
            "description": "Every prediction paid for ends stored, servable and on the books.",
        },
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "`dk_…`"},
                "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": list(operation.parameters),
        "security": [] if operation.open else [{"bearer": []}, {"apiKey": []}],
    }
    if operation.body is not None:
        made["requestBody"] = {"required": True, "content": _json(operation.body)}
    responses = operation.also.get("responses", {})
    said = {str(status): {"description": _SAID[status], "content": PROBLEM} for status in operation.problems}
    made["responses"] = {str(operation.status): _answer(operation)} | _not_modified(operation) | said | responses
    return made | {name: value for name, value in operation.also.items() if name != "responses"}


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.answer is None:
        binary: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
        return {"description": "The bytes.", "content": dict.fromkeys(operation.media_types, binary)}
    return {"description": "As asked.", "content": _json(operation.answer)}


def _not_modified(operation: Operation) -> dict[str, Any]:
    takes = any(parameter["name"] == "If-None-Match" for parameter in operation.parameters)
    return {"304": {"description": "Nothing changed since `If-None-Match`."}} if takes else {}


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}


def _schemas() -> dict[str, Any]:
    bodies = {operation.body for operation in OPERATIONS if operation.body}
    answers = {operation.answer for operation in OPERATIONS if operation.answer} | {schemas.Problem}
    wanted = [*((body, "validation") for body in bodies), *((answer, "serialization") for answer in answers)]
    _, made = models_json_schema(sorted(wanted, key=lambda pair: pair[0].__name__), ref_template=REF)  # type: ignore[arg-type]
    definitions: dict[str, Any] = made["$defs"]
    return definitions
