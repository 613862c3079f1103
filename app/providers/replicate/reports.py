"""Replicate's prediction object, from a reply, a poll, a list or a delivery, as a Report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from app.domain.data import data_of
from app.domain.failures import TIMED_OUT
from app.domain.ports import Listed, Prices, UnreadableDelivery
from app.domain.prediction import Failure
from app.domain.report import ProviderState, Report
from app.providers.replicate import failures
from app.providers.replicate.bills import ABORTED, bill
from app.providers.replicate.outputs import file_urls

log = structlog.get_logger()

STATES: Mapping[str, ProviderState] = {
    "starting": ProviderState.QUEUED,
    "processing": ProviderState.RUNNING,
    "succeeded": ProviderState.SUCCEEDED,
    "failed": ProviderState.FAILED,
    "canceled": ProviderState.CANCELED,
    "aborted": ProviderState.CANCELED,
}
LONGEST_ID = 200
LONGEST_TIME_SECONDS = 1e7


@dataclass(frozen=True, slots=True)
class Words:
    """`schemes` are those of the URLs that count as files."""

    prices: Prices = field(repr=False)
    schemes: tuple[str, ...] = ("https://",)

    def delivery(self, body: bytes) -> Report:
        """A delivery's body is the prediction object itself. Raises UnreadableDelivery."""
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise UnreadableDelivery("not JSON") from error
        if not isinstance(parsed, Mapping):
            raise UnreadableDelivery("not an object")
        report = self.report(parsed)
        if report is None:
            raise UnreadableDelivery("names no prediction")
        return report

    def report(self, entry: Any) -> Report | None:
        """None if it is no prediction: no object, or without a usable id."""
        if not isinstance(entry, Mapping) or not _is_id(entry.get("id")):
            return None
        state, failure = _end(entry)
        seconds = _seconds(_mapping(entry.get("metrics")).get("predict_time"))
        output = entry.get("output")
        outputs = file_urls(output, self.schemes)
        return Report(
            provider_id=entry["id"],
            state=state,
            outputs=outputs,
            data=data_of(output, outputs) if state is ProviderState.SUCCEEDED else None,
            failure=failure,
            predict_time=seconds,
            billed=bill(entry, seconds, self.prices) if state.is_final else None,
            completed_at=_time(entry.get("completed_at")),
            outputs_removed=entry.get("data_removed") is True,
        )

    def listed(self, entry: Any) -> Listed | None:
        """The webhook is echoed by some lists and not by others; a purged entry no longer tells its input."""
        report = self.report(entry)
        if report is None:
            return None
        webhook, given = entry.get("webhook"), entry.get("input")
        return Listed(
            report,
            webhook if isinstance(webhook, str) else None,
            _time(entry.get("created_at")),
            given if isinstance(given, Mapping) and not report.outputs_removed else None,
        )


def _end(entry: Mapping[str, Any]) -> tuple[ProviderState, Failure | None]:
    """The state, and why it failed. An end by our own deadline is no cancellation: nobody asked for one."""
    state = _state(entry.get("status"))
    if state is ProviderState.CANCELED and _is_late(entry):
        return ProviderState.FAILED, TIMED_OUT
    if state is ProviderState.FAILED:
        return state, failures.of_prediction(entry.get("error"))
    return state, None


def _is_late(entry: Mapping[str, Any]) -> bool:
    """Before it ran, its deadline makes it `aborted`; afterwards `canceled`, as an owner's wish does."""
    ended_at, deadline_at = _time(entry.get("completed_at")), _time(entry.get("deadline"))
    return entry.get("status") == ABORTED or bool(ended_at and deadline_at and ended_at >= deadline_at)


def _state(word: Any) -> ProviderState:
    """An unknown word counts as queued, which moves nothing that has moved before."""
    state = STATES.get(word) if isinstance(word, str) else None
    if state is None:
        shown = word[:40] if isinstance(word, str) else type(word).__name__
        log.warning("unknown status", provider="replicate", word=shown)
    return state or ProviderState.QUEUED


def _is_id(value: Any) -> bool:
    """Something that a path can carry; `.` and `..` would name another one."""
    if not isinstance(value, str) or len(value) > LONGEST_ID:
        return False
    return value.isascii() and value.isprintable() and value.strip(" .") != ""


def _seconds(value: Any) -> float | None:
    """NaN and what no float can hold are among the numbers; only comparing is safe."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < LONGEST_TIME_SECONDS else None


def _time(value: Any) -> datetime | None:
    """With up to nine digits of a second; we keep six."""
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
