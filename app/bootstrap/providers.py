"""The adapters of the providers that the settings name, and the hosts of their outputs."""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import httpx

from app.domain.ports import Providers
from app.domain.work import Terms
from app.outbound.hosts import HostRules
from app.providers.client import ApiClient
from app.providers.skytells import Skytells
from app.providers.skytells.reports import Words
from app.settings import Settings

API_SECONDS = 15.0
NO_KEEP_ALIVE = httpx.Limits(max_connections=100, max_keepalive_connections=0)


@asynccontextmanager
async def open_providers(settings: Settings) -> AsyncIterator[Providers]:
    async with (
        httpx.AsyncClient(timeout=API_SECONDS) as api,
        httpx.AsyncClient(timeout=API_SECONDS, limits=NO_KEEP_ALIVE) as fresh,
    ):
        yield _providers(settings, api, fresh)


def _providers(settings: Settings, http: httpx.AsyncClient, fresh: httpx.AsyncClient) -> Providers:
    key = settings.skytells_api_key.get_secret_value().split(",")[0].strip()
    skytells = Skytells(
        ApiClient(http, settings.skytells_base_url, {"x-api-key": key, "accept": "application/json"}, fresh=fresh),
        webhook_secrets=settings.skytells_webhook_secrets,
        webhook_form=settings.skytells_webhook_form,
        words=Words(settings.skytells_usd_per_credit),
        terms=Terms(
            output_lifetime=timedelta(seconds=settings.skytells_output_lifetime_seconds),
            adopt_within=timedelta(seconds=settings.adopt_within_seconds),
            look_every=timedelta(seconds=_look_every(settings)),
            resend_after=timedelta(seconds=settings.resend_unsure_after) if settings.resend_unsure_after else None,
        ),
    )
    return {skytells.name: skytells}


def _look_every(settings: Settings) -> float:
    """Three quarters of what is promised are for waiting; and a few looks must fit into an output's lifetime."""
    return min(settings.reconcile_max_seconds * 0.75, settings.skytells_output_lifetime_seconds / 8)


def host_rules(names: tuple[str, ...]) -> HostRules:
    """A loopback address stands for the emulator, which speaks plain http on a port of its own."""
    return HostRules.of(*(f"http://{name}:*" if _is_loopback(name) else name for name in names))


def _is_loopback(name: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost"
