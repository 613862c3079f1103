"""The OpenAPI 3.1 document, made from `schemas` and the table of `operations`.

Built by hand, since the generators that were tried either wrote an invalid 3.1 or wanted YAML in docstrings. A test
compares its paths with the application's routes.
"""

from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.web import schemas
from app.web.errors import MEDIA_TYPE, status_of_code
from app.web.operations import OPERATIONS, Operation
from app.web.parameters import SIGNATURE
from app.web.samples import with_samples

REF = "#/components/schemas/{model}"
TAGS = {
    "predictions": "Order pictures, videos and music, and see what became of them.",
    "files": "Pictures to work on, and stored outputs, under addresses that nobody can guess.",
    "models": "What can be asked of whom, for how much.",
    "money": "What was spent, what is held, and what is left.",
    "webhooks": "The providers' door. Every delivery is verified, kept, and applied once.",
    "webhook endpoints": "Where you want to be told: signed by Standard Webhooks, tried for a day, sent again by hand.",
    "service": "For those who run it.",
}

HEADERS = {
    "RateLimit": {
        "description": 'How many requests `r` are left, and in how many seconds `t` all are back: `"create";r=9;t=42`. '
        "Left out where there is no limit.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": 'How many requests `q` a window of `w` seconds has: `"create";q=10;w=60`.',
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds after which to ask again.",
        "schema": {"type": "integer"},
    },
}
UPLOAD_FORM = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "The picture. Once."},
        "keep_metadata": {"type": "string", "enum": ["true", "false"], "description": "As the parameter."},
    },
    "required": ["file"],
    "additionalProperties": False,
}
OTHERS: set[type[BaseModel]] = {schemas.Problem, schemas.WebhookBody}
DELIVERY = {"id": "pred_test", "status": "succeeded", "output": ["https://cdn.skytells.ai/test.png"]}
SIGNED = {"header": SIGNATURE["name"], "algorithm": "HMAC-SHA256", "secret": "SKYTELLS_WEBHOOK_SECRET"}
"""How the sample of a delivery proves itself: as Skytells does."""
NOT_COUNTED = ("401", "403")

_SAID = {
    400: "The request cannot be read.",
    401: "A key or signature is missing or wrong.",
    403: "The key lacks a scope, which `detail` names; or a page of another site sent it.",
    404: "There is none, or it is somebody else's.",
    408: "The body came too slowly.",
    409: "Not in the state that it is in, which `detail` tells.",
    413: "The body is too large.",
    415: "Not of the content type that is read here.",
    416: "The range begins behind the end.",
    422: "The request does not fit; `errors` name the fields.",
    429: "More than is allowed; see `code`, and `Retry-After` where waiting helps.",
    503: "Not available for a moment; see `Retry-After`.",
}


@cache
def document(public_url: str) -> dict[str, Any]:
    return with_samples(_without_samples(public_url))


def _without_samples(public_url: str) -> dict[str, Any]:
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
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "webhooks": {"event": {"post": _told()}},
        "components": {
            "schemas": _schemas(),
            "headers": HEADERS,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "`dk_…`"},
                "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
    }


def _told() -> dict[str, Any]:
    """What we send to endpoints."""
    return {
        "operationId": "webhookEvent",
        "summary": "Be told of an event",
        "description": "Signed by Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.",
        "tags": ["webhook endpoints"],
        "requestBody": {"required": True, "content": _json(schemas.WebhookBody)},
        "responses": {"2XX": {"description": "Taken. Anything else, or nothing within 15 seconds, is tried again."}},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": list(operation.parameters),
        "security": [] if operation.open else [{"bearer": [operation.needs]}, {"apiKey": [operation.needs]}],
        "responses": _limited(operation, _answers(operation) | _problems(operation)),
    }
    if operation.about:
        made["description"] = operation.about
    if operation.body is not None:
        made["requestBody"] = {"required": True, "content": _json(operation.body)}
    if operation.upload:
        made["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": UPLOAD_FORM}}}
    if operation.delivery:
        told = {"schema": {"type": "object"}, "example": DELIVERY}
        made |= {"requestBody": {"required": True, "content": {"application/json": told}}, "x-signature": SIGNED}
    return made


def _answers(operation: Operation) -> dict[str, Any]:
    content = _json(operation.answer) if operation.answer else {kind: {"schema": {}} for kind in operation.media_types}
    answers: dict[str, Any] = {str(operation.status): {"description": operation.answers, "content": content}}
    taken = {parameter["name"] for parameter in operation.parameters}
    if "Range" in taken:
        answers["206"] = {"description": "The range that was asked for.", "content": content}
        answers["307"] = {"description": "It lies elsewhere: at `Location`, for a while."}
    if "If-None-Match" in taken:
        answers["304"] = {"description": "Nothing changed since `If-None-Match`."}
    if operation.ends:
        answers["204"] = {"description": "You have seen the end; there is no need to come again."}
    if operation.id == "ready":
        answers["503"] = {"description": "Not able to work; `checks` say why.", "content": content}
    return answers


def _problems(operation: Operation) -> dict[str, Any]:
    """One entry a status; the codes that it may carry stand in `x-codes`."""
    codes: dict[int, list[str]] = {}
    changes = operation.method != "get" and not operation.delivery
    for code in (*operation.problems, *(("foreign_origin",) if changes else ())):
        codes.setdefault(status_of_code(code), []).append(code)
    content = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
    return {
        str(status): {"description": _SAID[status], "content": content, "x-codes": found}
        for status, found in sorted(codes.items())
    }


def _limited(operation: Operation, answers: dict[str, Any]) -> dict[str, Any]:
    """Where requests are counted every answer says so, except to those who are not let in at all."""
    if "rate_limited" not in operation.problems:
        return answers
    told = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    counted = {status: answer | {"headers": told} for status, answer in answers.items() if status not in NOT_COUNTED}
    return answers | counted


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}


def _schemas() -> dict[str, Any]:
    bodies = {operation.body for operation in OPERATIONS if operation.body}
    answers = {operation.answer for operation in OPERATIONS if operation.answer} | OTHERS
    wanted = [*((body, "validation") for body in bodies), *((answer, "serialization") for answer in answers)]
    _, made = models_json_schema(sorted(wanted, key=lambda pair: pair[0].__name__), ref_template=REF)  # type: ignore[arg-type]
    definitions: dict[str, Any] = made["$defs"]
    for model in bodies | answers:
        definitions[model.__name__] |= _examples(model)
    return definitions


def _examples(model: type[BaseModel]) -> dict[str, Any]:
    """Once more, since pydantic sorts their keys."""
    extra = model.model_config.get("json_schema_extra")
    return dict(extra) if isinstance(extra, dict) else {}
