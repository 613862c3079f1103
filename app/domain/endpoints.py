"""Endpoints: where an owner wants to be told of all that happens, and what becomes of one that does not listen."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.notices import CANCELED, FAILED, STARTED, SUCCEEDED

FAILING, DISABLED = "webhook_endpoint.failing", "webhook_endpoint.disabled"
"""Of one endpoint, told to its owner's others."""
TEST = "webhook_endpoint.test"
EVENT_TYPES = (STARTED, SUCCEEDED, FAILED, CANCELED, FAILING, DISABLED)
"""What may be asked for; a test goes to whoever it tests."""
MOST_ENDPOINTS = 20
"""Of one owner: each of them is written to within the transaction that changes a prediction."""
SECRET_OVERLAP = timedelta(hours=24)
OVERLOADED = (429, 502, 503, 504)
STRIKES = 3
LONGEST_REST = timedelta(minutes=1)


class DisabledReason(StrEnum):
    """Its owner's wish; a 410; days of failures."""

    OWNER = "owner"
    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`events` are the types that it wants, all if none is named. `previous_until`: so long the secret before the last
    rotation signs too. `failing_since` is set while nothing has arrived since then, though something was sent."""

    id: UUID
    owner: str
    key_id: UUID | None
    url: str = field(repr=False)
    events: tuple[str, ...]
    description: str
    created_at: datetime
    updated_at: datetime
    previous_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: DisabledReason | None = None
    failing_since: datetime | None = None

    @property
    def state(self) -> str:
        return "disabled" if self.disabled_at else "failing" if self.failing_since else "enabled"


@dataclass(frozen=True, slots=True)
class Patience:
    """After so many days without one success, with failures on as many of them, an endpoint is disabled; after half of
    that its owner is warned. 0 is for ever."""

    days: int = 5

    @property
    def warning_days(self) -> int:
        return (self.days + 1) // 2


def is_overloaded(status: int | None) -> bool:
    """Whether more calls would make it worse: it says so, or does not answer at all."""
    return status is None or status in OVERLOADED


def rest_after(strikes: int) -> timedelta | None:
    """How long an endpoint is left alone that was overloaded so often, without any other answer between; None for
    what may be chance."""
    if strikes < STRIKES:
        return None
    return min(timedelta(seconds=2 ** min(strikes - STRIKES, 10)), LONGEST_REST)
