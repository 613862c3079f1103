"""The one place that knows concrete things: settings become connections, adapters, stores and doors."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette

from app import embedded
from app.actions.admission import Admission
from app.actions.disk_space import Space
from app.actions.fetch_output import Collecting
from app.actions.list_models import ModelList
from app.db.changes import Changes
from app.db.engine import Database
from app.db.limits import PostgresStorage
from app.db.limits_in_redis import RedisWindows
from app.domain.budgets import BudgetPolicy
from app.domain.moderation import Moderators
from app.domain.ports import Providers
from app.domain.rates import Windows, parse_rate
from app.domain.work import Terms
from app.jobs.handlers import Workshop
from app.jobs.runner import run_worker
from app.moderation import DenyList, Endpoint
from app.moderation.entries import listed
from app.outbound.download import DownloadLimits
from app.outbound.guard import open_client
from app.outbound.hosts import HostRules
from app.providers.client import ApiClient
from app.providers.price_table import load_prices
from app.providers.skytells import Skytells
from app.providers.skytells.reports import Words
from app.settings import Settings
from app.storage.port import BlobStore
from app.storage.pulse import Pulse
from app.stores import PULSE_SECONDS, files_url, link_of, open_blobs, sweep_seconds
from app.telemetry import open_telemetry
from app.web.application import create_application
from app.web.shared import Policy, Shared
from app.web.traffic import Traffic
from app.web.views import Views

MAX_PIXELS = 100_000_000
"""Four times the largest picture that any listed model makes; decoded it would need 400 MB, so it never is."""
DOWNLOAD_SECONDS = 900.0
STALL_SECONDS = 15.0
API_SECONDS = 15.0
WEB_SECONDS, WORKER_SECONDS = 3.0, 20.0
"""How long a statement may go unanswered: a client waits for the one, and nobody for the other."""
INBOX_CONNECTIONS = 4
NO_KEEP_ALIVE = httpx.Limits(max_connections=100, max_keepalive_connections=0)


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    database: Database
    providers: Providers
    blobs: BlobStore


def database_url(settings: Settings) -> str:
    """DATABASE_URL, or the embedded server's own address, which `./scripts/up` keeps running."""
    return settings.database_url.get_secret_value() or embedded.url(settings.darkroom_data)


def open_database(
    settings: Settings, *, pool_size: int | None = None, statement_seconds: float | None = None
) -> Database:
    return Database(
        database_url(settings),
        direct_url=settings.database_direct_url.get_secret_value(),
        pool_size=pool_size or settings.database_pool_size,
        statement_seconds=statement_seconds,
    )


@asynccontextmanager
async def open_services(settings: Settings, *, statement_seconds: float = WORKER_SECONDS) -> AsyncIterator[Services]:
    async with AsyncExitStack() as stack:
        database = open_database(settings, statement_seconds=statement_seconds)
        stack.push_async_callback(database.close)
        providers = await stack.enter_async_context(open_providers(settings))
        blobs = await stack.enter_async_context(open_blobs(settings))
        await blobs.prepare()
        yield Services(settings, database, providers, blobs)


@asynccontextmanager
async def open_providers(settings: Settings) -> AsyncIterator[Providers]:
    async with (
        httpx.AsyncClient(timeout=API_SECONDS) as api,
        httpx.AsyncClient(timeout=API_SECONDS, limits=NO_KEEP_ALIVE) as fresh,
    ):
        yield _providers(settings, api, fresh)


@asynccontextmanager
async def open_workshop(services: Services) -> AsyncIterator[Workshop]:
    settings = services.settings
    async with open_client(allow_nets=settings.outbound_allow_nets) as http:
        collecting = Collecting(
            blobs=services.blobs,
            http=http,
            hosts={"skytells": _host_rules(settings.skytells_output_hosts)},
            limits=DownloadLimits(settings.max_output_bytes, DOWNLOAD_SECONDS, STALL_SECONDS),
            max_pixels=MAX_PIXELS,
        )
        yield Workshop(
            database=services.database,
            providers=services.providers,
            collecting=collecting,
            public_url=settings.public_url,
            lease=timedelta(seconds=settings.worker_lease_seconds),
            slots=settings.worker_slots,
            render=Views(settings.public_url, files_url=files_url(settings)).notice,
            orphan_age_seconds=settings.orphan_age_seconds,
            orphan_sweep_seconds=sweep_seconds(settings),
            budgets=budget_policy(settings),
            alert_url=settings.spend_alert_webhook,
        )


def web_application(settings: Settings) -> Starlette:
    @asynccontextmanager
    async def open_shared() -> AsyncIterator[Shared]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(open_telemetry(settings, "web"))
            services = await stack.enter_async_context(open_services(settings, statement_seconds=WEB_SECONDS))
            inbox = open_database(settings, pool_size=INBOX_CONNECTIONS, statement_seconds=WEB_SECONDS)
            stack.push_async_callback(inbox.close)
            changes = Changes(services.database.direct)
            await stack.enter_async_context(changes.running())
            if settings.worker_in_web:
                await stack.enter_async_context(_worker_beside(services))
            windows = await stack.enter_async_context(_open_windows(services))
            judges = await stack.enter_async_context(open_moderators(settings))
            yield _shared(services, inbox, changes, windows, judges, traffic=traffic)

    secure, traffic = settings.public_url.startswith("https://"), Traffic()
    return create_application(open_shared, cors_origins=settings.cors_origins, secure=secure, traffic=traffic)


def budget_policy(settings: Settings) -> BudgetPolicy:
    return BudgetPolicy(settings.daily_budget, settings.ceiling_price, ZoneInfo(settings.budget_timezone))


@asynccontextmanager
async def _open_windows(services: Services) -> AsyncIterator[Windows]:
    """Where rate limits are counted: in Redis, if there is one."""
    url = services.settings.redis_url.get_secret_value()
    if not url:
        yield PostgresStorage(services.database)
        return
    windows = RedisWindows(url)
    try:
        yield windows
    finally:
        await windows.close()


def _shared(
    services: Services, inbox: Database, changes: Changes, windows: Windows, moderators: Moderators, *, traffic: Traffic
) -> Shared:
    settings = services.settings
    pulse = Pulse(services.blobs, good_seconds=PULSE_SECONDS[settings.store])
    models = ModelList(services.database, services.providers, load_prices(settings.prices_file))
    return Shared(
        database=services.database,
        admission=Admission(
            services.database,
            services.providers,
            models,
            Space(pulse, settings.disk_reserve_mb * 10**6),
            budget_policy(settings),
            max_unfinished=settings.max_unfinished,
            moderators=moderators,
        ),
        windows=windows,
        inbox=inbox,
        traffic=traffic,
        changes=changes,
        providers=services.providers,
        models=models,
        blobs=services.blobs,
        pulse=pulse,
        link=link_of(settings, services.blobs),
        views=Views(settings.public_url, files_url=files_url(settings)),
        policy=Policy(
            default_provider=settings.default_provider,
            default_model=settings.default_model,
            loopback_needs_no_key=not settings.is_strict and not settings.auth_required,
            http_webhooks=not settings.is_strict,
            outbound_allow_nets=settings.outbound_allow_nets,
            body_seconds=settings.http_body_seconds,
            trusted_proxies=settings.trusted_proxies,
            accel_redirect_prefix=settings.accel_redirect_prefix,
            rates={
                "create": parse_rate(settings.rate_limit_generate),
                "batch": parse_rate(settings.rate_limit_batch),
            },
        ),
    )


@asynccontextmanager
async def _worker_beside(services: Services) -> AsyncIterator[None]:
    """WORKER_IN_WEB: the same worker as a task of the web process."""
    stop = asyncio.Event()
    async with open_workshop(services) as shop:
        task = asyncio.create_task(run_worker(shop, stop))
        try:
            yield
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):
                await task


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


@asynccontextmanager
async def open_moderators(settings: Settings) -> AsyncIterator[Moderators]:
    """The lists first, which cost nothing; the endpoint sees only what they let pass."""
    if settings.moderation == "off":
        yield ()
        return
    lists = DenyList(listed(settings.moderation_deny_file))
    if settings.moderation == "deny-list":
        yield (lists,)
        return
    async with httpx.AsyncClient(timeout=API_SECONDS) as http:
        yield (lists, _endpoint(settings, http))


def _endpoint(settings: Settings, http: httpx.AsyncClient) -> Endpoint:
    return Endpoint(
        http,
        settings.moderation_url,
        key=settings.moderation_api_key.get_secret_value(),
        model=settings.moderation_model,
        allow_on_trouble=settings.moderation_on_trouble == "allow",
    )


def _host_rules(names: tuple[str, ...]) -> HostRules:
    """A loopback address stands for the emulator, which speaks plain http on a port of its own."""
    return HostRules.of(*(f"http://{name}:*" if _is_loopback(name) else name for name in names))


def _is_loopback(name: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost"
