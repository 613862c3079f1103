"""What can be asked of whom: each provider's model list, the last good one kept.

Memory first; then the row, which outlives us and serves all processes; the provider only when neither has one. A list
that has grown old is refreshed beside the request, never before its answer.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog

from app.db import model_lists
from app.db.engine import Database
from app.domain.errors import (
    DarkroomError,
    FieldProblem,
    ModelListUnavailable,
    UnknownModel,
    UnknownProvider,
)
from app.domain.model import Model
from app.domain.ports import Prices, Providers, ProviderTrouble

FRESH = timedelta(minutes=5)
RETRY_AFTER_TROUBLE = timedelta(seconds=30)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Listed:
    models: Mapping[str, Model]
    refresh_at: float


class ModelList:
    """One for a process."""

    def __init__(self, database: Database, providers: Providers, prices: Prices) -> None:
        self._database = database
        self._providers = providers
        self._prices = prices
        self._listed: dict[str, _Listed] = {}
        self._asking = {name: asyncio.Lock() for name in providers}
        self._refreshing: dict[str, asyncio.Task[None]] = {}

    async def find(self, provider: str, slug: str) -> Model:
        """Raises UnknownProvider, UnknownModel or ModelListUnavailable."""
        models = await self.of(provider)
        if slug not in models:
            problem = FieldProblem("model", f"{provider} lists no such model")
            known = ", ".join(sorted(models)[:8])
            raise UnknownModel(f"{provider} has no model of this name; among others: {known}.", problems=(problem,))
        return models[slug]

    async def of(self, provider: str) -> Mapping[str, Model]:
        """By slug. Raises UnknownProvider or ModelListUnavailable."""
        if provider not in self._providers:
            problem = FieldProblem("provider", f"one of: {', '.join(self._providers)}")
            raise UnknownProvider("There is no such provider here.", problems=(problem,))
        listed = self._listed.get(provider) or await self._first(provider)
        if listed.refresh_at < monotonic() and provider not in self._refreshing:
            task = asyncio.create_task(self._refresh(provider))
            self._refreshing[provider] = task
            task.add_done_callback(lambda _: self._refreshing.pop(provider, None))
        return listed.models

    async def everything(self) -> list[Model]:
        """All providers' models; a provider without a list is left out."""
        models: list[Model] = []
        for provider in self._providers:
            with suppress(ModelListUnavailable):
                models += (await self.of(provider)).values()
        return models

    async def _first(self, provider: str) -> _Listed:
        async with self._asking[provider]:
            if provider not in self._listed and not await self._from_row(provider):
                await self._ask(provider)
            return self._listed[provider]

    async def _from_row(self, provider: str) -> bool:
        async with self._database.transaction() as tx:
            kept = await model_lists.load(tx, provider)
        if kept is None:
            return False
        models, age = kept
        self._keep(provider, models, valid_for=FRESH - age)
        return True

    async def _ask(self, provider: str) -> None:
        try:
            models = list(await self._providers[provider].models())
        except ProviderTrouble as trouble:
            raise ModelListUnavailable(f"{provider} does not tell its models just now.") from trouble
        self._keep(provider, models, valid_for=FRESH)
        async with self._database.transaction() as tx:
            await model_lists.save(tx, provider, models)

    async def _refresh(self, provider: str) -> None:
        try:
            await self._ask(provider)
        except DarkroomError as error:
            log.warning("model list not refreshed", provider=provider, reason=error.code)
            last_good = self._listed[provider]
            self._listed[provider] = _Listed(last_good.models, monotonic() + RETRY_AFTER_TROUBLE.total_seconds())

    def _keep(self, provider: str, models: list[Model], valid_for: timedelta) -> None:
        by_slug = {model.slug: self._prices.priced(model) for model in models}
        self._listed[provider] = _Listed(by_slug, monotonic() + valid_for.total_seconds())
