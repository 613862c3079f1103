"""Deliveries of our own making: what a provider would send, in its own words, with whatever one wants changed in it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

Event = Literal["started", "succeeded", "failed", "canceled"]
Dialect = Literal["flat", "envelope"]

EVENTS: Mapping[str, Event] = {
    "start": "started",
    "started": "started",
    "starting": "started",
    "processing": "started",
    "succeeded": "succeeded",
    "completed": "succeeded",
    "failed": "failed",
    "canceled": "canceled",
    "cancelled": "canceled",
}
"""By every word that a provider has for it."""
EXAMPLE_OUTPUTS = {"skytells": "https://cdn.skytells.ai/test.png", "replicate": "https://replicate.delivery/test.png"}
UNSIGNABLE = {"fal": "fal signs with a key that it alone has (Ed25519); nobody else can make a delivery of fal's"}
LONGEST_LIST = 64


class UnusableOverride(ValueError):
    """The path does not lead anywhere in the body."""


def event_of(word: str) -> Event | None:
    return EVENTS.get(word.strip().casefold().removeprefix("prediction."))


def composed(provider: str, event: Event, provider_id: str, *, dialect: Dialect = "flat") -> dict[str, Any]:
    """The body, as `provider` words it. Only Skytells has envelopes."""
    body = _SPEAKERS[provider](event, provider_id)
    if provider == "skytells" and dialect == "envelope":
        return {"type": _TYPES[event], "data": body}
    return body


def changed(body: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """With other values at some paths: `{"output.0": "https://…", "metrics.predict_time": 3}`. Raises
    UnusableOverride."""
    made = dict(body)
    for path, value in overrides.items():
        made = _with(made, path.split("."), value, path)
    return made


def _with(node: Any, steps: Sequence[str], value: Any, path: str) -> Any:
    if not steps:
        return value
    step, *rest = steps
    if isinstance(node, list):
        return _with_entry(node, step, rest, value, path)
    if node is not None and not isinstance(node, Mapping):
        raise UnusableOverride(f"{path}: there is a plain value before {step!r}")
    known = dict(node or {})
    return {**known, step: _with(known.get(step), rest, value, path)}


def _with_entry(entries: list[Any], step: str, rest: Sequence[str], value: Any, path: str) -> list[Any]:
    """An entry of a list, or a new one at its end."""
    at = int(step) if step.isascii() and step.isdecimal() and len(step) < 4 else LONGEST_LIST
    if at > len(entries) or at >= LONGEST_LIST:
        raise UnusableOverride(f"{path}: {step!r} is no place in a list of {len(entries)}")
    old = entries[at] if at < len(entries) else None
    return [*entries[:at], _with(old, rest, value, path), *entries[at + 1 :]]


def _skytells(event: Event, provider_id: str) -> dict[str, Any]:
    if event == "started":
        return {"id": provider_id, "status": "starting"}
    if event == "failed":
        return {"id": provider_id, "status": "failed", "response": "Failed to generate image."}
    if event == "canceled":
        return {"id": provider_id, "status": "canceled"}
    output = [EXAMPLE_OUTPUTS["skytells"]]
    return {"id": provider_id, "status": "succeeded", "output": output, "metrics": {"predict_time": 1.5}}


def _replicate(event: Event, provider_id: str) -> dict[str, Any]:
    status = "processing" if event == "started" else event
    body: dict[str, Any] = {"id": provider_id, "status": status, "output": None, "error": None, "logs": ""}
    if event == "failed":
        return body | {"error": "Prediction failed."}
    if event == "succeeded":
        return body | {"output": [EXAMPLE_OUTPUTS["replicate"]], "metrics": {"predict_time": 1.5}}
    return body


_SPEAKERS: Mapping[str, Callable[[Event, str], dict[str, Any]]] = {"skytells": _skytells, "replicate": _replicate}
_TYPES: Mapping[Event, str] = {
    "started": "prediction.started",
    "succeeded": "prediction.succeeded",
    "failed": "prediction.failed",
    "canceled": "prediction.cancelled",
}
