"""What the actions need of the world outside, and in which three ways it may fail them.

Three kinds of failure, because three things can be done: `Unavailable` (again, when it says), `ProviderRefused`
(final), `Unsure` (we may have been heard: wait and look, never buy again).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from app.domain.model import Model
from app.domain.prediction import Failure, Prediction
from app.domain.report import Report
from app.domain.work import Terms


class ProviderTrouble(Exception):
    """Base of what a provider may do instead of answering."""


class Unavailable(ProviderTrouble):
    """Surely not taken: unreachable, overloaded, or limiting us. Ask again after `retry_after`, if given.

    `concerns_all`: whether it speaks for all of our asking (a limit, a dead line) or for this one question.
    `limited`: we asked too much (429); nothing more is asked or bought until it may be.
    """

    def __init__(
        self,
        reason: str,
        retry_after: timedelta | None = None,
        *,
        concerns_all: bool = False,
        limited: bool = False,
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.limited = limited
        self.concerns_all = concerns_all or limited or retry_after is not None


class ProviderRefused(ProviderTrouble):
    """A final no, with the failure to show."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class Unsure(ProviderTrouble):
    """A create that may have been taken: its reply was lost, cut or makes no sense."""


class NotKnown(ProviderTrouble):
    """The provider says it has no such prediction."""


class UnreadableDelivery(Exception):
    """An authentic delivery that is not JSON, not an object, or names no prediction."""


class Pictures(StrEnum):
    """How a provider takes the pictures of an input."""

    URL = "url"
    """As https URLs that it fetches, or else as data URIs."""
    DATA = "data"
    """Their bytes alone."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the provider's list; None where it does not tell."""

    report: Report
    callback_url: str | None = field(repr=False)
    created_at: datetime | None = None
    input: Mapping[str, Any] | None = field(default=None, repr=False)


class Provider(Protocol):
    """One provider's dialect. All methods may be called from any process at any time."""

    @property
    def name(self) -> str: ...

    @property
    def terms(self) -> Terms: ...

    @property
    def pictures(self) -> Pictures: ...

    async def create(self, prediction: Prediction, callback_url: str) -> Report:
        """Buy it. Raises Unavailable, ProviderRefused or Unsure."""

    async def fetch(self, provider_id: str, model: str) -> Report:
        """`model` is the one that was asked for: some keep a prediction below it. Raises Unavailable or NotKnown."""

    async def cancel(self, provider_id: str, model: str) -> None:
        """Ask for an end; whether it came is for `fetch` to tell. Raises Unavailable or NotKnown."""

    async def listed(self, model: str | None, since: datetime) -> Sequence[Listed]:
        """What the provider's own list shows, of one model or of all, newest first. Raises Unavailable."""

    async def greet(self) -> datetime | None:
        """One cheap read that needs the key. The provider's own time, if it tells. Raises Unavailable or
        ProviderRefused."""

    async def models(self) -> Sequence[Model]:
        """Raises Unavailable."""

    async def refresh_keys(self) -> None:
        """Learn what `is_authentic` needs to know, if that is not at hand; most often there is nothing to do. Raises
        Unavailable if nothing could be judged."""

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the raw delivery was signed with one of our secrets, or by the provider's own key. No I/O."""

    def read_delivery(self, body: bytes) -> Report:
        """Raises UnreadableDelivery."""


class Prices(Protocol):
    """What a model costs, whoever says so."""

    def priced(self, model: Model) -> Model: ...


Providers = Mapping[str, Provider]
