"""Predictions as Replicate shows them, and what its webhooks carry.

What its clients break on is left out: a null within `urls`, an error that is no text, `aborted`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.db.notices import Notice
from app.domain.prediction import FailureCode, Prediction, Status
from app.web.compat.replicate.names import name_of
from app.web.compat.replicate.orders import PREFIX
from app.web.views import Views


def prediction_object(views: Views, prediction: Prediction, *, with_stream: bool = False) -> dict[str, Any]:
    """`with_stream` carries the client token, and is for the answers of creates alone."""
    view, name = views.prediction(prediction), name_of(prediction.provider, prediction.model)
    shown: dict[str, Any] = {
        "id": str(prediction.id),
        "model": name.model,
        "version": name.version,
        "status": prediction.status.value,
        "source": "api",
        "data_removed": False,
        "input": with_addresses(prediction.input, prediction.uploads, f"{views.public_url}{PREFIX}/files/"),
        "output": view.output if view.data is None else view.data,
        "error": _error(prediction),
        "logs": "",
        "metrics": view.metrics.model_dump(mode="json", exclude_none=True),
        "created_at": time_of(prediction.created_at),
        "started_at": time_of(prediction.started_at),
        "completed_at": time_of(prediction.completed_at),
        "urls": _urls(views, prediction, with_stream),
    }
    if name.deployment is not None:
        shown["deployment"] = name.deployment
    if prediction.webhook is not None:
        shown["webhook"] = prediction.webhook.url
        shown["webhook_events_filter"] = list(prediction.webhook.events)
    return shown


def notice_body(views: Views, prediction: Prediction, _: Notice) -> bytes:
    """The prediction itself: its receiver infers the event from the status."""
    return json.dumps(prediction_object(views, prediction), ensure_ascii=False, separators=(",", ":")).encode()


def page_object(results: list[dict[str, Any]], following: str | None = None) -> dict[str, Any]:
    """`following` is an absolute URL: npm 1.4.0 joins a relative one wrongly."""
    return {"previous": None, "next": following, "results": results}


def with_addresses(given: Mapping[str, Any], uploads: tuple[str, ...], files: str) -> dict[str, Any]:
    """The input as it was sent: uploads by their addresses, which begin with `files`."""

    def put(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: put(each) for name, each in value.items()}
        if isinstance(value, list):
            return [put(each) for each in value]
        return f"{files}{value}" if isinstance(value, str) and value in uploads else value

    return {name: put(value) for name, value in given.items()}


def _urls(views: Views, prediction: Prediction, with_stream: bool) -> dict[str, str]:
    own = f"{views.public_url}{PREFIX}/predictions/{prediction.id}"
    urls = {"get": own, "cancel": f"{own}/cancel", "web": f"{views.public_url}/#/p/{prediction.id}"}
    if with_stream:
        urls["stream"] = f"{own}/stream?token={prediction.client_token}"
    return urls


def _error(prediction: Prediction) -> str | None:
    """One sentence; with their code where a moderation refused, since programs look for it."""
    failure = prediction.failure
    if failure is None or prediction.status is not Status.FAILED:
        return None
    if failure.code is FailureCode.CONTENT_FILTERED:
        return f"{failure.message} The input or output was flagged as sensitive (E005)."
    return failure.message


def time_of(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
