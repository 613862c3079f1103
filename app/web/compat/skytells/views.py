"""A prediction as Skytells' clients know it, made of our own view of it."""

from collections.abc import Mapping
from typing import Any

from app.domain.notices import COMPLETED, START
from app.domain.prediction import Prediction, Status
from app.web.compat.skytells.models import name_of
from app.web.schemas import FileView, PredictionView
from app.web.views import Views

PREFIX = "/skytells/v1"
STATUSES: Mapping[Status, str] = {
    Status.STARTING: "pending",
    Status.PROCESSING: "processing",
    Status.SUCCEEDED: "succeeded",
    Status.FAILED: "failed",
    Status.CANCELED: "cancelled",
}
STARTED = "started"
EVENTS: Mapping[str, tuple[str, ...]] = {
    START: ("started",),
    COMPLETED: ("completed", "failed", "canceled"),
    Status.SUCCEEDED: ("completed",),
    Status.FAILED: ("failed",),
    Status.CANCELED: ("canceled",),
}
"""Ours to theirs."""


def prediction_view(
    views: Views, prediction: Prediction, *, kind: str | None = None, began: bool = False
) -> dict[str, Any]:
    """`kind` is the model's, where somebody knows it. `began`: as it was when it began to run."""
    view = views.prediction(prediction)
    files = [] if began else [each for each in view.files if each.url is not None]
    is_over = prediction.status.is_final and not began
    message = view.error.message if view.error and is_over else None
    return {
        "id": str(view.id),
        "status": STARTED if began else STATUSES[prediction.status],
        "type": "inference",
        "stream": False,
        "input": view.input,
        "output": _output(view) if is_over else None,
        "error": message,
        "response": message,
        **_times(view, is_over),
        "privacy": "public" if view.published else "private",
        "source": "api",
        "model": {"name": name_of(view.provider, view.model), "type": kind or _kind_of(files)},
        "webhook": _webhook(prediction),
        "metrics": _metrics(view, files, is_over),
        "metadata": {
            "billing": {"credits_used": float(view.cost.captured or 0) if is_over else 0},
            "storage": {"files": [_file(each) for each in files]},
            "data_available": bool(files),
            "data_removed": False,
        },
        "urls": _urls(f"{views.public_url}{PREFIX}/predictions/{view.id}"),
    }


def _output(view: PredictionView) -> Any:
    """Files, or where a model makes something else, that."""
    return view.output or view.data


def _times(view: PredictionView, is_over: bool) -> dict[str, str | None]:
    found = view.model_dump(mode="json", include={"created_at", "started_at", "completed_at", "updated_at"})
    return found if is_over else found | {"completed_at": None}


def _webhook(prediction: Prediction) -> dict[str, Any]:
    if prediction.webhook is None:
        return {"url": None, "events": []}
    events = [word for each in prediction.webhook.events for word in EVENTS.get(each, (each,))]
    return {"url": prediction.webhook.url, "events": events}


def _metrics(view: PredictionView, files: list[FileView], is_over: bool) -> dict[str, Any]:
    """How far it has come nobody tells us, so that `progress` is only of what is over."""
    pictures = [each for each in files if (each.content_type or "").startswith("image/")]
    counts = {"image_count": len(pictures), "asset_count": len(files)}
    if not is_over:
        return counts
    times = {"predict_time": view.metrics.predict_time, "total_time": view.metrics.total_time}
    return counts | times | {"progress": 100}


def _file(file: FileView) -> dict[str, Any]:
    name = str(file.url).rpartition("/")[2]
    return {"name": name, "type": file.content_type, "size": file.bytes, "url": file.url}


def _kind_of(files: list[FileView]) -> str | None:
    return next(((each.content_type or "").partition("/")[0] for each in files), None)


def _urls(own: str) -> dict[str, str]:
    return {"get": own, "cancel": f"{own}/cancel", "stream": f"{own}/stream", "delete": f"{own}/delete"}
