"""What follows a prediction, and ends it."""

from app.web import schemas
from app.web.operations.operation import KEYED, Operation
from app.web.parameters import FILTERS, ID, KEY, KNOWN_FILE, LAST_EVENT, RANGE, READING, TOKEN

READS = (
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
        problems=(*KEYED, "prediction_not_found", "invalid_request"),
    ),
    Operation(
        "get",
        "/api/predictions",
        "listPredictions",
        "List predictions, newest first",
        answer=schemas.PredictionPage,
        answers="One page of them.",
        parameters=FILTERS,
        problems=(*KEYED, "invalid_request"),
    ),
    Operation(
        "get",
        "/api/predictions/{id}/events",
        "streamPrediction",
        "Follow a prediction",
        about="Server-sent events: the prediction as it is after every change, ending with the final one.",
        answers="A stream of events named `prediction`, each with the version as id.",
        parameters=(ID, TOKEN, LAST_EVENT),
        problems=(*KEYED, "prediction_not_found", "too_many_streams"),
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
        problems=(*KEYED, "prediction_not_found", "already_finished"),
    ),
    Operation(
        "get",
        "/api/predictions/{id}/receipt",
        "readReceipt",
        "Read a prediction's receipt",
        about="Its whole life in order: calls, deliveries, transfers, changes. In `exchanges` the calls themselves, "
        "word for word but without secrets: the newest twelve creates, looks and cancels, kept as long as raw "
        "deliveries.",
        answer=schemas.ReceiptView,
        answers="So far.",
        parameters=(ID,),
        problems=(*KEYED, "prediction_not_found"),
    ),
    Operation(
        "delete",
        "/api/predictions/{id}",
        "deletePrediction",
        "Delete a prediction and its files",
        answer=schemas.Deleted,
        answers="Gone for good.",
        parameters=(ID,),
        problems=(*KEYED, "prediction_not_found", "prediction_unfinished"),
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
)
