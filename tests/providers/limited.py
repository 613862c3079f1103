"""A provider that lets so many creates in within any window, and locks out for a minute whoever sends more."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from time import monotonic

from app.domain import failures
from app.domain.model import Model
from app.domain.ports import Listed, NotKnown, Pictures, Unavailable
from app.domain.prediction import Prediction
from app.domain.rates import Rate
from app.domain.report import ProviderState, Report
from app.domain.work import Terms

LOCKED_OUT = timedelta(seconds=60)


class LimitedProvider:
    """Every create fails at once there, which is an end too; with `lasts` it runs on. `arrived` are ids and times."""

    name = "skytells"
    pictures = Pictures.URL

    def __init__(self, terms: Terms, *, lasts: bool = False, allows: Rate | None = None) -> None:
        self.terms = terms
        self.arrived: list[tuple[Prediction, float]] = []
        self.lockouts = 0
        self._allows = allows or terms.creates
        self._lasts = lasts
        self._window: deque[float] = deque()
        self._ids = count(1)

    async def create(self, prediction: Prediction, callback_url: str) -> Report:
        now = monotonic()
        self.arrived.append((prediction, now))
        if self._is_too_much(now):
            self.lockouts += 1
            raise Unavailable("create answered 429", LOCKED_OUT, limited=True)
        state = ProviderState.RUNNING if self._lasts else ProviderState.FAILED
        return Report(f"there-{next(self._ids)}", state, failure=None if self._lasts else failures.NO_REASON)

    def _is_too_much(self, now: float) -> bool:
        if self._allows is None:
            return False
        while self._window and now - self._window[0] > self._allows.seconds:
            self._window.popleft()
        self._window.append(now)
        return len(self._window) > self._allows.requests

    async def fetch(self, provider_id: str, model: str) -> Report:
        raise NotKnown("it keeps nothing")

    async def cancel(self, provider_id: str, model: str) -> None:
        raise NotKnown("it keeps nothing")

    async def listed(self, model: str | None, since: datetime) -> Sequence[Listed]:
        return []

    async def greet(self) -> datetime | None:
        return None

    async def models(self) -> Sequence[Model]:
        return []

    async def refresh_keys(self) -> None:
        pass

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False

    def read_delivery(self, body: bytes) -> Report:
        raise NotImplementedError
