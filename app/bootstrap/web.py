"""The web application over its services, with the worker beside it where that is wished."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta

from starlette.applications import Starlette

from app.actions.admission import Admission
from app.actions.disk_space import Space
from app.actions.follow_changes import Live
from app.actions.intake import AT_ONCE, Intake
from app.actions.list_models import ModelList
from app.bootstrap.bench import open_bench
from app.bootstrap.moderators import open_moderators
from app.bootstrap.services import WEB_SECONDS, Services, open_database, open_services
from app.bootstrap.workshop import budget_policy, open_workshop
from app.db.changes import Changes
from app.db.limits import PostgresStorage
from app.db.limits_in_redis import RedisWindows
from app.domain.moderation import Moderators
from app.domain.rates import Windows, parse_rate
from app.jobs.runner import run_worker
from app.providers.price_table import load_prices
from app.settings import Settings
from app.storage.pulse import Pulse
from app.stores import PULSE_SECONDS, files_url, link_of
from app.telemetry import open_telemetry
from app.web.application import create_application
from app.web.middleware import careful_headers
from app.web.open_streams import OpenStreams
from app.web.polls.callers import Callers
from app.web.polls.reads import Reads
from app.web.polls.rendered import renderer
from app.web.shared import Policy, Shared
from app.web.traffic import Traffic
from app.web.views import Views


def web_application(settings: Settings) -> Starlette:
    @asynccontextmanager
    async def open_shared() -> AsyncIterator[Shared]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(open_telemetry(settings, "web"))
            services = await stack.enter_async_context(open_services(settings, statement_seconds=WEB_SECONDS))
            inbox = open_database(settings, pool_size=AT_ONCE, statement_seconds=WEB_SECONDS, plans_anew=True)
            stack.push_async_callback(inbox.close)
            changes = Changes(services.database.direct)
            services.database.on_change = inbox.on_change = changes.hear_own
            reads, callers = _memories(services, changes)
            stack.enter_context(changes.followed(reads.memory.hear))
            stack.enter_context(changes.followed(callers.hear))
            await stack.enter_async_context(changes.running())
            live = Live(services.database, changes)
            await stack.enter_async_context(live.running())
            if settings.worker_in_web:
                await stack.enter_async_context(_worker_beside(services))
            windows = await stack.enter_async_context(_open_windows(services))
            judges = await stack.enter_async_context(open_moderators(settings))
            yield _shared(
                services, Intake(inbox), reads, callers, live, windows=windows, moderators=judges, traffic=traffic
            )

    secure, traffic = settings.public_url.startswith("https://"), Traffic()
    return create_application(
        open_shared, cors_origins=settings.cors_origins, public_url=settings.public_url, secure=secure, traffic=traffic
    )


def _memories(services: Services, changes: Changes) -> tuple[Reads, Callers]:
    settings, database = services.settings, services.database
    always = careful_headers(secure=settings.public_url.startswith("https://"))
    render = renderer(_views(settings), always)
    reads = Reads(database, changes, render, most_bytes=settings.read_cache_mb * 10**6)
    return reads, Callers(database, lambda: changes.is_current)


def _views(settings: Settings) -> Views:
    return Views(settings.public_url, files_url=files_url(settings))


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
    services: Services,
    intake: Intake,
    reads: Reads,
    callers: Callers,
    live: Live,
    *,
    windows: Windows,
    moderators: Moderators,
    traffic: Traffic,
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
        intake=intake,
        traffic=traffic,
        reads=reads,
        callers=callers,
        live=live,
        streams=OpenStreams(settings.max_streams),
        providers=services.providers,
        models=models,
        blobs=services.blobs,
        pulse=pulse,
        link=link_of(settings, services.blobs),
        views=_views(settings),
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
                "upload": parse_rate(settings.rate_limit_generate),
                "quote": parse_rate(settings.rate_limit_quote),
            },
            upload_hours=settings.upload_retention_hours,
            retry_guard=timedelta(seconds=settings.retry_guard_seconds),
            openai_seconds=settings.openai_wait_seconds,
            environment=settings.environment,
        ),
        bench=open_bench(settings),
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
