"""The operations, for the OpenAPI document: what each takes, answers, and which codes it may refuse with."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.domain.caller import Scope
from app.web import schemas
from app.web.parameters import (
    CREATING,
    DAYS,
    FILTERS,
    ID,
    IDEMPOTENCY,
    KEY,
    KNOWN_FILE,
    LAST_EVENT,
    PROVIDER,
    RANGE,
    READING,
    SIGNATURE,
    TOKEN,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """`problems` are codes; `media_types` are of answers that are no JSON; an `open` one needs no key;
    one that `ends` answers 204 to who has seen the end. `scope` is told where it is not the usual one."""

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
    ends: bool = False
    scope: Scope | None = None

    @property
    def needs(self) -> Scope:
        """As `auth.owned` has it."""
        return self.scope or (Scope.READ if self.method == "get" else Scope.CREATE)


_KEYED = ("invalid_header", "unauthenticated", "forbidden_scope", "unavailable")
_JSON = ("invalid_json", "invalid_text", "body_too_slow", "body_too_large", "unsupported_media_type", "invalid_request")
_ORDER = (
    *_KEYED,
    *_JSON,
    "invalid_idempotency_key",
    "idempotency_conflict",
    "unknown_provider",
    "unknown_model",
    "model_list_unavailable",
    "storage_full",
    "rate_limited",
    "too_many_unfinished",
    "content_refused",
    "moderation_unavailable",
    "price_unknown",
    "budget_exceeded",
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
        parameters=CREATING,
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
        parameters=CREATING,
        problems=_ORDER,
    ),
    Operation(
        "post",
        "/api/batches",
        "createBatch",
        "Create many predictions at once",
        about="Up to a hundred, admitted together or not at all, with one hold for each. A problem names its "
        "prediction by number.",
        body=schemas.CreateBatch,
        answer=schemas.BatchView,
        status=201,
        answers="Created; `Location` is the batch's address.",
        parameters=(IDEMPOTENCY,),
        problems=_ORDER,
    ),
    Operation(
        "get",
        "/api/batches/{id}",
        "readBatch",
        "Read a batch",
        answer=schemas.BatchView,
        answers="Its predictions as they are now.",
        parameters=(ID,),
        problems=(*_KEYED, "batch_not_found"),
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
        parameters=(ID, *READING),
        problems=(*_KEYED, "prediction_not_found", "invalid_request"),
    ),
    Operation(
        "get",
        "/api/predictions",
        "listPredictions",
        "List predictions, newest first",
        answer=schemas.PredictionPage,
        answers="One page of them.",
        parameters=FILTERS,
        problems=(*_KEYED, "invalid_request"),
    ),
    Operation(
        "get",
        "/api/predictions/{id}/events",
        "streamPrediction",
        "Follow a prediction",
        about="Server-sent events: the prediction as it is after every change, ending with the final one.",
        answers="A stream of events named `prediction`, each with the version as id.",
        parameters=(ID, TOKEN, LAST_EVENT),
        problems=(*_KEYED, "prediction_not_found"),
        media_types=("text/event-stream",),
        ends=True,
    ),
    Operation(
        "post",
        "/api/predictions/{id}/cancel",
        "cancelPrediction",
        "Cancel a prediction",
        about="Asks the provider too, and shows `canceling` until it confirms or a minute has passed. What it still "
        "makes is stored and booked.",
        answer=schemas.PredictionView,
        answers="Canceled, or canceling.",
        parameters=(ID,),
        problems=(*_KEYED, "prediction_not_found", "already_finished"),
    ),
    Operation(
        "get",
        "/api/predictions/{id}/receipt",
        "readReceipt",
        "Read a prediction's receipt",
        about="Its whole life in order: calls, deliveries, transfers, changes.",
        answer=schemas.ReceiptView,
        answers="So far.",
        parameters=(ID,),
        problems=(*_KEYED, "prediction_not_found"),
    ),
    Operation(
        "delete",
        "/api/predictions/{id}",
        "deletePrediction",
        "Delete a prediction and its files",
        answer=schemas.Deleted,
        answers="Gone for good.",
        parameters=(ID,),
        problems=(*_KEYED, "prediction_not_found", "prediction_unfinished"),
    ),
    Operation(
        "get",
        "/files/{key}",
        "readFile",
        "Read a stored output",
        "files",
        about="For `<img>` and for caches: a file never changes under its address.",
        answers="The bytes.",
        parameters=(KEY, RANGE, KNOWN_FILE),
        problems=("file_not_found", "range_not_satisfiable", "unavailable"),
        open=True,
        media_types=("image/*", "video/*", "audio/*", "application/octet-stream"),
    ),
    Operation(
        "get",
        "/api/costs",
        "readCosts",
        "Read what was spent",
        "money",
        about="From the ledger: today, ever, what is held and what is left, by day, provider, model and key. With the "
        "scope `admin` of the whole service, and with the drift from what the providers say they billed.",
        answer=schemas.CostsView,
        answers="As booked.",
        parameters=(DAYS,),
        problems=(*_KEYED, "invalid_request"),
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
        "get",
        "/api/webhook-secret",
        "readWebhookSecret",
        "Read the secret of your own webhooks",
        "webhooks",
        about="A create's `webhook` is signed with it, by Standard Webhooks.",
        answer=schemas.WebhookSecret,
        answers="`whsec_` and base64.",
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
        parameters=(SIGNATURE,),
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
        parameters=(PROVIDER, SIGNATURE),
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
        "/metrics",
        "metrics",
        "Read the service's figures",
        "service",
        answers="For Prometheus.",
        scope=Scope.ADMIN,
        problems=_KEYED,
        media_types=("text/plain",),
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
