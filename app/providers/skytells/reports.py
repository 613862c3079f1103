"""Skytells' prediction object, from a reply, a poll or a delivery, as a Report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import structlog

from app.domain.ports import Listed, UnreadableDelivery
from app.domain.report import ProviderState, Report
from app.providers.skytells import failures

log = structlog.get_logger()

STATES: Mapping[str, ProviderState] = {
    "queued": ProviderState.QUEUED,
    "pending": ProviderState.QUEUED,
    "starting": ProviderState.RUNNING,
    "started": ProviderState.RUNNING,
    "processing": ProviderState.RUNNING,
    "running": ProviderState.RUNNING,
    "succeeded": ProviderState.SUCCEEDED,
    "completed": ProviderState.SUCCEEDED,
    "failed": ProviderState.FAILED,
    "error": ProviderState.FAILED,
    "canceled": ProviderState.CANCELED,
    "cancelled": ProviderState.CANCELED,
}
LONGEST_ID = 200
MOST_OUTPUTS = 64
LARGEST_BILL = 1_000_000


@dataclass(frozen=True, slots=True)
class Words:
    """`usd_per_credit` turns `credits_used`, the only cost field there is, into money."""

    usd_per_credit: Decimal = Decimal(1)

    def delivery(self, body: bytes) -> Report:
        """Flat, or enveloped as `{"type", "created_at", "data"}`; the object's status wins over the type."""
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise UnreadableDelivery("not JSON") from error
        if not isinstance(parsed, Mapping):
            raise UnreadableDelivery("not an object")
        inner = parsed.get("data")
        if isinstance(inner, Mapping) and "id" in inner:
            parsed = {"status": _event(parsed.get("type")), **inner}
        report = self.report(parsed)
        if report is None:
            raise UnreadableDelivery("names no prediction")
        return report

    def report(self, entry: Any) -> Report | None:
        """None if it is no prediction: no object, or without a usable id."""
        if not isinstance(entry, Mapping) or not _is_id(entry.get("id")):
            return None
        state = _state(entry.get("status"))
        metrics = _mapping(entry.get("metrics"))
        return Report(
            provider_id=entry["id"],
            state=state,
            outputs=_outputs(entry),
            failure=failures.of_prediction(failures.read_error(200, entry)) if state is ProviderState.FAILED else None,
            predict_time=_seconds(metrics.get("predict_time")),
            billed=self._billed(entry),
            completed_at=_time(entry.get("completed_at")),
            outputs_removed=_mapping(entry.get("metadata")).get("data_removed") is True,
        )

    def listed(self, entry: Any) -> Listed | None:
        report = self.report(entry)
        if report is None:
            return None
        given = entry.get("input")
        return Listed(
            report,
            echoed_webhook(entry),
            _time(entry.get("created_at")),
            given if isinstance(given, Mapping) else None,
        )

    def _billed(self, entry: Mapping[str, Any]) -> Decimal | None:
        used = _mapping(_mapping(entry.get("metadata")).get("billing")).get("credits_used")
        if used is None:
            return None
        if not _is_number(used) or not 0 <= used <= LARGEST_BILL:
            log.warning("absurd bill", provider="skytells", provider_id=entry["id"])
            return None
        return round(Decimal(str(used)) * self.usd_per_credit, 6)


def echoed_webhook(entry: Any) -> str | None:
    """The URL that a create named, as the provider's own object repeats it."""
    webhook = _mapping(entry).get("webhook")
    url = webhook.get("url") if isinstance(webhook, Mapping) else webhook
    return url if isinstance(url, str) else None


def _is_id(value: Any) -> bool:
    """Something that a path can carry; `.` and `..` would name another one."""
    if not isinstance(value, str) or len(value) > LONGEST_ID:
        return False
    return value.isascii() and value.isprintable() and value.strip(" .") != ""


def _event(kind: Any) -> str | None:
    return kind.casefold().removeprefix("prediction.") if isinstance(kind, str) else None


def _state(word: Any) -> ProviderState:
    """A queued job may say `false`. An unknown word counts as queued, which moves nothing that has moved before."""
    if word is False:
        return ProviderState.QUEUED
    state = STATES.get(word.casefold()) if isinstance(word, str) else None
    if state is None:
        log.warning(
            "unknown status", provider="skytells", word=word[:40] if isinstance(word, str) else type(word).__name__
        )
    return state or ProviderState.QUEUED


def _outputs(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """A string, an array, or nothing and then the files that its storage names."""
    output = entry.get("output")
    files = _mapping(_mapping(entry.get("metadata")).get("storage")).get("files")
    stored = [_mapping(file).get("url") for file in files] if isinstance(files, list) else []
    return _urls([output] if isinstance(output, str) else output) or _urls(stored)


def _urls(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(url for url in listed if isinstance(url, str) and url and url.isprintable())[:MOST_OUTPUTS]


def _seconds(value: Any) -> float | None:
    return float(value) if _is_number(value) and 0 <= value < 1e7 else None


def _is_number(value: Any) -> bool:
    """NaN and what no float can hold are among them; only comparing is safe."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
