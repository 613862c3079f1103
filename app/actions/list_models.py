"""What can be asked of whom: each provider's model list, the last good one kept.

Memory first; then the row, which outlives us and serves all processes; the provider only when neither has one. A list
that has grown old is refreshed beside the request, never before its answer. A provider that just failed to tell its
list is not asked again for a moment, so that nobody queues up for it.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from time import monotonic

import structlog

from app.db import model_lists, usual_times
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
SILENT = timedelta(seconds=5)
"""As long as a client is told to wait before it asks again."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`usual_seconds` by provider and slug, as our own predictions took; `unavailable` are providers without a list."""

    models: list[Model]
    unavailable: list[str]
    usual_seconds: Mapping[tuple[str, str], float]


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
        self._silent_until: dict[str, float] = {}
        self._usual: tuple[float, Mapping[tuple[str, str], float]] = (0.0, {})

    @property
    def providers(self) -> tuple[str, ...]:
        return tuple(self._providers)

    async def find(self, provider: str, slug: str) -> Model:
        """Raises UnknownProvider, UnknownModel or ModelListUnavailable."""
        models = await self.of(provider)
        if slug not in models:
            problem = FieldProblem("model", f"{provider} lists no such model")
            raise UnknownModel(f"{provider} has no model of this name; {near(slug, models)}", problems=(problem,))
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

    async def available(self) -> Mapping[str, Mapping[str, Model]]:
        """By provider and slug; a provider without a list is left out. They are asked at the same time."""
        found = await asyncio.gather(*map(self._if_there, self._providers))
        return {name: models for name, models in zip(self._providers, found, strict=True) if models is not None}

    async def catalogue(self, provider: str | None = None) -> Catalogue:
        """Of all providers, or of one. Raises UnknownProvider."""
        asked = self.providers if provider is None else (provider,)
        found = dict(zip(asked, await asyncio.gather(*map(self._if_there, asked)), strict=True))
        return Catalogue(
            models=[model for models in found.values() for model in (models or {}).values()],
            unavailable=[name for name, models in found.items() if models is None],
            usual_seconds=await self.usual_seconds(),
        )

    async def usual_seconds(self) -> Mapping[tuple[str, str], float]:
        """As our own predictions took in the last days, some minutes old at most."""
        known_until, found = self._usual
        if known_until < monotonic():
            async with self._database.transaction() as tx:
                found = await usual_times.usual_seconds(tx)
            self._usual = (monotonic() + FRESH.total_seconds(), found)
        return found

    async def _if_there(self, provider: str) -> Mapping[str, Model] | None:
        try:
            return await self.of(provider)
        except ModelListUnavailable:
            return None

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
        if self._silent_until.get(provider, 0.0) > monotonic():
            raise ModelListUnavailable(f"{provider} does not tell its models just now.")
        try:
            models = list(await self._providers[provider].models())
        except ProviderTrouble as trouble:
            self._silent_until[provider] = monotonic() + SILENT.total_seconds()
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


def near(asked: str, names: Iterable[str]) -> str:
    """What may have been meant by a name that nobody has: `did you mean …`, or some that there are."""
    by_folded = {name.casefold(): name for name in sorted(names, reverse=True)}
    alike = get_close_matches(asked.casefold(), by_folded, n=3, cutoff=0.6)
    if alike:
        return f"did you mean {' or '.join(by_folded[each] for each in alike)}?"
    return f"among others: {', '.join(sorted(by_folded.values())[:8])}."
