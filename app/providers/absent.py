"""A provider that is no longer configured, or not yet again: its predictions wait for its key, and lose nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NoReturn

from app.domain.model import Model
from app.domain.ports import Listed, Pictures, Provider, Unavailable, UnreadableDelivery
from app.domain.prediction import Prediction
from app.domain.report import Report
from app.domain.work import Terms


class Absent:
    """Cannot be asked for anything. What lies on its CDN is fetched all the same."""

    pictures = Pictures.URL

    def __init__(self, name: str, terms: Terms) -> None:
        self.name = name
        self.terms = terms

    async def create(self, prediction: Prediction, callback_url: str) -> Report:
        self._refuse()

    async def fetch(self, provider_id: str, model: str) -> Report:
        self._refuse()

    async def cancel(self, provider_id: str, model: str) -> None:
        self._refuse()

    async def listed(self, model: str | None, since: datetime) -> Sequence[Listed]:
        self._refuse()

    async def greet(self) -> datetime | None:
        self._refuse()

    async def models(self) -> Sequence[Model]:
        self._refuse()

    async def refresh_keys(self) -> None:
        self._refuse()

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False

    def read_delivery(self, body: bytes) -> Report:
        raise UnreadableDelivery(f"{self.name} is not configured")

    def _refuse(self) -> NoReturn:
        raise Unavailable(f"{self.name} is not configured")


class Configured(dict[str, Provider]):
    """By name. One that is asked for by a row, but not configured, is absent; it is not counted and not listed."""

    def __init__(self, providers: Mapping[str, Provider], terms: Terms) -> None:
        super().__init__(providers)
        self._terms = terms

    def __missing__(self, name: str) -> Provider:
        return Absent(name, self._terms)
