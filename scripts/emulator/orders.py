"""A create's body, read and checked: what is wanted, and who is to be told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from scripts.emulator import models

EVENTS = ("started", "completed", "failed", "canceled")
ENDS = EVENTS[1:]

EVENT_NAMES: dict[str, tuple[str, ...]] = {
    "started": ("started",),
    "completed": ("completed",),
    "failed": ("failed",),
    "canceled": ("canceled",),
    "cancelled": ("canceled",),
    "prediction.started": ("started",),
    "prediction.succeeded": ("completed",),
    "prediction.failed": ("failed",),
    "prediction.cancelled": ("canceled",),
    "prediction.canceled": ("canceled",),
}
FILTER_NAMES: dict[str, tuple[str, ...]] = {
    "start": ("started",),
    "output": (),
    "logs": (),
    "completed": ENDS,
}
DATA_URI = re.compile(r"data:image/[a-z+.-]+;base64,[A-Za-z0-9+/]+=*")


class Refusal(Exception):
    """The API says no, and what it answers."""

    def __init__(
        self, status: int, error_id: str, message: str, *, details: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.error_id, self.message = status, error_id, message
        self.details = details or message
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Order:
    model: models.Model
    input: dict[str, Any]
    hold: bool
    stream: bool
    webhook: str | None
    events: tuple[str, ...]


def read(body: Mapping[str, Any]) -> Order:
    model = _model(body.get("model"))
    url, events = _webhook(body.get("webhook"), body.get("webhook_events_filter"))
    return Order(
        model=model,
        input=_input(model, body.get("input")),
        hold=body.get("await") is True and model.kind != "video",
        stream=body.get("stream") is True,
        webhook=url,
        events=events,
    )


def _model(name: Any) -> models.Model:
    if not isinstance(name, str) or not name:
        raise _invalid("The model field is required.")
    model = models.found(name)
    if model is None:
        raise Refusal(404, "MODEL_NOT_FOUND", "Model not found.", details=f"There is no model {name[:100]!r}.")
    return model


def _input(model: models.Model, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _invalid("The input field is required.")
    for error in models.VALIDATORS[model.slug].iter_errors(given):
        where = ".".join(str(step) for step in ("input", *error.absolute_path))
        raise _invalid(f"{where}: {error.message[:300]}")
    for name, value in given.items():
        if model.fields[name] == models.URI and not (_reachable(value) or DATA_URI.fullmatch(value)):
            raise _invalid(f"input.{name}: is no URI of a picture.")
    return given


def _webhook(form: Any, wanted: Any) -> tuple[str | None, tuple[str, ...]]:
    """W1 and W2 are objects with url and events, W3 is a string, W4 a string with a filter beside it."""
    if form is None:
        return None, ()
    if isinstance(form, str):
        return _url(form), _events(wanted, FILTER_NAMES)
    if not isinstance(form, dict):
        raise _invalid("webhook: a URL, or an object with url and events.")
    return _url(form.get("url")), _events(form.get("events"), EVENT_NAMES)


def _url(text: Any) -> str:
    if not isinstance(text, str) or not _reachable(text):
        raise _invalid("webhook: the url is not valid.")
    return text


def _reachable(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _events(names: Any, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if names is None or names == []:
        return EVENTS
    if not isinstance(names, list) or any(not isinstance(name, str) or name not in known for name in names):
        raise _invalid(f"webhook: events are {', '.join(known)}.")
    meant = {event for name in names for event in known[name]}
    return tuple(event for event in EVENTS if event in meant)


def _invalid(what: str) -> Refusal:
    return Refusal(422, "VALIDATION_ERROR", "The given data was invalid.", details=what)
