"""fal's answers to a create, to a look and its deliveries, as Reports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import structlog

from app.domain.ports import UnreadableDelivery
from app.domain.report import ProviderState, Report
from app.providers.fal import failures
from app.providers.fal.failures import FalError, read_error
from app.providers.fal.outputs import file_urls

log = structlog.get_logger()

UNFINISHED: Mapping[str, ProviderState] = {"IN_QUEUE": ProviderState.QUEUED, "IN_PROGRESS": ProviderState.RUNNING}
COMPLETED = "COMPLETED"
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Status:
    """`{"status", "queue_position", "metrics": {"inference_time"}, "error", "error_type"}`. `has_ended` says nothing
    of how: that is for the result to tell. `body` is the whole, where it speaks of an error. Seconds."""

    state: ProviderState
    has_ended: bool = False
    predict_time: float | None = None
    body: Mapping[str, Any] | None = field(default=None, repr=False)


def read_taken(data: Any) -> Report | None:
    """A create's answer, `{"request_id", "status_url", …}`; None if it names no request."""
    request_id = _mapping(data).get("request_id")
    return Report(request_id, ProviderState.QUEUED) if _is_id(request_id) else None


def read_status(data: Any) -> Status | None:
    """None if it is no status. An unknown word counts as queued, which moves nothing that has moved before."""
    entry = _mapping(data)
    word = entry.get("status")
    if not isinstance(word, str):
        return None
    if word == COMPLETED:
        told = entry if entry.get("error") or entry.get("error_type") else None
        seconds = _seconds(_mapping(entry.get("metrics")).get("inference_time"))
        return Status(ProviderState.RUNNING, has_ended=True, predict_time=seconds, body=told)
    if word not in UNFINISHED:
        log.warning("unknown status", provider="fal", word=word[:40])
    return Status(UNFINISHED.get(word, ProviderState.QUEUED))


def read_result(request_id: str, output: Any, *told: Mapping[str, Any]) -> Report:
    """Of the output that came with a success. An error instead of files is a failure, whatever it came with; `told` is
    what else was said of one."""
    outputs = file_urls(output)
    error = read_error(200, output, *told)
    if not outputs and (told or _is_error(output)):
        return failed(request_id, error)
    return Report(request_id, ProviderState.SUCCEEDED, outputs)


def failed(request_id: str, error: FalError) -> Report:
    """What was canceled at our wish ends as an error too."""
    if error.type == failures.CANCELED_TYPE:
        return Report(request_id, ProviderState.CANCELED)
    return Report(request_id, ProviderState.FAILED, failure=failures.of_request(error))


def read_delivery(body: bytes) -> Report:
    """`{"request_id", "gateway_request_id", "status": "OK" | "ERROR", "payload", "error"}`, once, at the end.

    The gateway's id changes with every retry of theirs; ours is the request's. A payload that they could not put into
    the delivery (`payload_error`) is for a look to fetch. Raises UnreadableDelivery.
    """
    entry = _parsed(body)
    request_id, word, payload = entry.get("request_id"), entry.get("status"), entry.get("payload")
    if not _is_id(request_id):
        raise UnreadableDelivery("names no request")
    if word == "ERROR":
        status = failures.told_status(entry.get("error"))
        return failed(request_id, read_error(status, payload, entry))
    if word == "OK":
        return Report(request_id, ProviderState.RUNNING) if payload is None else read_result(request_id, payload)
    log.warning("unknown status", provider="fal", word=word[:40] if isinstance(word, str) else type(word).__name__)
    return Report(request_id, ProviderState.QUEUED)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableDelivery("not JSON") from error
    if not isinstance(parsed, Mapping):
        raise UnreadableDelivery("not an object")
    return parsed


def _is_error(output: Any) -> bool:
    """`detail` or `error` where the output should be; an output of data alone may carry either, but nothing of note."""
    entry = _mapping(output)
    if read_error(200, entry).type is not None:
        return True
    return any(isinstance(entry.get(name), str) and entry[name] for name in ("detail", "error"))


def _is_id(value: Any) -> TypeGuard[str]:
    """Something that a path can carry; `.` and `..` would name another one."""
    if not isinstance(value, str) or len(value) > LONGEST_ID:
        return False
    return value.isascii() and value.isprintable() and value.strip(" .") != ""


def _seconds(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e7 else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
