"""The adapters of the providers that the settings name, and the hosts of their outputs."""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx

from app.domain.ports import Provider, Providers
from app.domain.rates import parse_rate
from app.domain.work import Terms
from app.outbound.hosts import HostRules
from app.providers.absent import Configured
from app.providers.client import ApiClient
from app.providers.fal import Fal, Keys
from app.providers.fal.adapter import api_headers as fal_headers
from app.providers.fal.models import load_models
from app.providers.masking import Mask
from app.providers.price_table import load_prices
from app.providers.replicate import Replicate
from app.providers.skytells import Skytells
from app.providers.skytells.reports import Words
from app.providers.stability import Stability, load_offers
from app.providers.stability.adapter import api_headers as stability_headers
from app.settings import Settings
from app.telemetry.scrubbing import secrets_of

API_SECONDS = 15.0
LONGEST_KEPT = 604_800.0
"""Seconds. Of a provider that is not configured nobody knows when its outputs are gone, so a week it is."""
STABILITY_TERMS = Terms(
    output_lifetime=timedelta(hours=24),
    usual_time=timedelta(seconds=15),
    longest_time=timedelta(hours=24),
    look_every=timedelta(seconds=15),
    look_at_least=timedelta(seconds=10),
)
"""Jobs keep their results for a day and may be asked every ten seconds."""
STABILITY_ADOPT_SECONDS = 60
"""A create whose answer was lost can be found nowhere, so that its end is not put off for long."""
NO_KEEP_ALIVE = httpx.Limits(max_connections=100, max_keepalive_connections=0)


@asynccontextmanager
async def open_providers(settings: Settings) -> AsyncIterator[Providers]:
    async with (
        httpx.AsyncClient(timeout=API_SECONDS) as api,
        httpx.AsyncClient(timeout=API_SECONDS, limits=NO_KEEP_ALIVE) as fresh,
    ):
        yield providers_of(settings, api, fresh)


def providers_of(settings: Settings, http: httpx.AsyncClient, fresh: httpx.AsyncClient) -> Providers:
    """Those whose keys are set, the default one first."""
    makers = {"skytells": _skytells, "replicate": _replicate, "stability": _stability, "fal": _fal}
    names = sorted(settings.providers, key=lambda name: name != settings.default_provider)
    present = {name: makers[name](settings, http, fresh) for name in names}
    return Configured(present, Terms(output_lifetime=timedelta(seconds=LONGEST_KEPT)))


def _skytells(settings: Settings, http: httpx.AsyncClient, fresh: httpx.AsyncClient) -> Provider:
    key = settings.skytells_api_key.get_secret_value().split(",")[0].strip()
    headers = {"x-api-key": key, "accept": "application/json"}
    return Skytells(
        ApiClient(http, settings.skytells_base_url, headers, fresh=fresh, mask=_mask(settings)),
        webhook_secrets=settings.skytells_webhook_secrets,
        webhook_form=settings.skytells_webhook_form,
        words=Words(settings.skytells_usd_per_credit),
        terms=_terms("skytells", settings, settings.skytells_output_lifetime_seconds, settings.resend_unsure_after),
    )


def _stability(settings: Settings, http: httpx.AsyncClient, fresh: httpx.AsyncClient) -> Provider:
    """What a create costs is the table's price or the operator's, since no answer tells it."""
    key = settings.stability_api_key.get_secret_value().strip()
    prices = load_prices(settings.prices_file)
    offers = tuple(replace(offer, model=prices.priced(offer.model)) for offer in load_offers())
    api = ApiClient(http, settings.stability_base_url, stability_headers(key), fresh=fresh, mask=_mask(settings))
    adopt_within = timedelta(seconds=min(settings.adopt_within_seconds, STABILITY_ADOPT_SECONDS))
    terms = _limited(replace(STABILITY_TERMS, adopt_within=adopt_within), "stability", settings)
    return Stability(api, offers=offers, terms=terms)


def _replicate(settings: Settings, http: httpx.AsyncClient, fresh: httpx.AsyncClient) -> Provider:
    token = settings.replicate_api_token.get_secret_value().strip()
    headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
    return Replicate(
        ApiClient(http, settings.replicate_base_url, headers, fresh=fresh, mask=_mask(settings)),
        webhook_secrets=settings.replicate_webhook_secrets,
        prices=load_prices(settings.prices_file),
        terms=_terms("replicate", settings, settings.replicate_output_lifetime_seconds, settings.resend_unsure_after),
        clock=lambda: datetime.now(UTC),
        slugs=settings.replicate_models,
        plain_http=settings.replicate_is_emulated,
    )


def _fal(settings: Settings, http: httpx.AsyncClient, fresh: httpx.AsyncClient) -> Provider:
    """Never sent again: its queue has no list that could show a create to have not arrived."""
    key = settings.fal_key.get_secret_value().strip()
    terms = _terms("fal", settings, settings.fal_output_lifetime_seconds)
    return Fal(
        ApiClient(
            http, settings.fal_base_url, fal_headers(key, terms.output_lifetime), fresh=fresh, mask=_mask(settings)
        ),
        ApiClient(
            http,
            settings.fal_platform_url,
            {"authorization": f"Key {key}", "accept": "application/json"},
            mask=_mask(settings),
        ),
        keys=Keys(ApiClient(http, settings.fal_jwks_url, {})),
        models=load_models(settings.fal_models_file),
        user_ids=settings.fal_user_ids,
        terms=terms,
    )


def _mask(settings: Settings) -> Mask:
    """Whatever is secret here is so for whoever reads what was said to a provider."""
    return Mask(secrets_of(settings))


def _terms(name: str, settings: Settings, output_lifetime: float, resend_after: float = 0) -> Terms:
    """Three quarters of what is promised are for waiting; and a few looks must fit into an output's lifetime."""
    terms = Terms(
        output_lifetime=timedelta(seconds=output_lifetime),
        adopt_within=timedelta(seconds=settings.adopt_within_seconds),
        look_every=timedelta(seconds=min(settings.reconcile_max_seconds * 0.75, output_lifetime / 8)),
        resend_after=timedelta(seconds=resend_after) if resend_after else None,
    )
    return _limited(terms, name, settings)


def _limited(terms: Terms, name: str, settings: Settings) -> Terms:
    creates, at_once = getattr(settings, f"{name}_max_requests"), getattr(settings, f"{name}_max_at_once")
    return replace(terms, creates=parse_rate(creates), at_once=at_once or None)


def output_hosts(settings: Settings) -> dict[str, HostRules]:
    """By provider."""
    named = {
        "skytells": settings.skytells_output_hosts,
        "replicate": settings.replicate_output_hosts,
        "fal": settings.fal_output_hosts,
    }
    return {name: host_rules(hosts) for name, hosts in named.items()}


def host_rules(names: tuple[str, ...]) -> HostRules:
    """A loopback address stands for the emulator, which speaks plain http on a port of its own."""
    return HostRules.of(*(f"http://{name}:*" if _is_loopback(name) else name for name in names))


def _is_loopback(name: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost"
