"""What an answer of the queue means for our money: taken or not, ended or not, and what it cost."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.ports import NotKnown, ProviderRefused, Unavailable, Unsure
from app.domain.report import ProviderState, Report
from app.providers.client import Reply
from app.providers.fal import reports
from app.providers.fal.failures import read_error, refusal
from app.providers.fal.reports import Status

UNSURE_STATUSES = (408, 409, 425, 499)
NOT_YET = "still in progress"
LARGEST_BILL = 1_000_000


def read_taken(reply: Reply) -> Report:
    """A create's. A 503 that says when to come back has taken nothing; any other trouble of theirs may have.

    Raises Unavailable, ProviderRefused or Unsure.
    """
    if reply.is_success and (report := reports.read_taken(reply.data)) is not None:
        return report
    if reply.status == 429 or (reply.status == 503 and reply.retry_after is not None):
        raise unavailable("create", reply)
    if 400 <= reply.status < 500 and reply.status not in UNSURE_STATUSES:
        raise ProviderRefused(refusal(read_error(reply.status, reply.data)))
    raise Unsure(f"create answered {reply.status}")


def read_result(request_id: str, status: Status, reply: Reply) -> Report:
    """A result's, after a status that has ended. Raises Unavailable or NotKnown."""
    told = [status.body] if status.body else []
    if reply.is_success and reply.data is not None:
        return reports.read_result(request_id, reply.data, *told)
    return _without_result(request_id, reply, *told)


def _without_result(request_id: str, reply: Reply, *told: Mapping[str, Any]) -> Report:
    """The request's own end, or only a moment's trouble in asking for it. Where the status told of an error, that was
    just read with the same key: so even a 403 or a 404 is the request's."""
    error = read_error(reply.status, reply.data, *told)
    if NOT_YET in error.hints:
        return Report(request_id, ProviderState.RUNNING)
    if error.is_verdict or (told and reply.status != 429):
        return reports.failed(request_id, error)
    if reply.status == 404:
        raise NotKnown("result answered 404")
    raise unavailable("result", reply)


def billed(reply: Reply, usd_per_unit: Decimal | None) -> Decimal | None:
    """USD: the units that fal counted, a failure's too, at the model's price for one; None where either is not told."""
    try:
        units = Decimal(reply.headers.get("x-fal-billable-units", ""))
    except InvalidOperation:
        return None
    if usd_per_unit is None or not units.is_finite() or not 0 <= units <= LARGEST_BILL:
        return None
    return round(usd_per_unit * units, 6)


def unavailable(what: str, reply: Reply) -> Unavailable:
    return Unavailable(f"{what} answered {reply.status}", reply.retry_after, limited=reply.status == 429)
