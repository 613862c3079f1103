"""The worker: PgQueuer's loop over a connection of its own, begun again whenever that breaks, and the chores."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog
from pgqueuer.models import Job
from pgqueuer.ports.driver import Driver
from pgqueuer.qm import QueueManager

from app.actions.catch_up import catch_up
from app.db import journal
from app.db.engine import Database
from app.db.job_drivers import open_driver
from app.db.jobs import SETTINGS, queries_over
from app.domain.errors import TemporarilyUnavailable
from app.domain.work import WorkKind
from app.jobs.handlers import Handler, Workshop, handlers
from app.jobs.schedule import chores, run_for_ever
from app.jobs.unbroken import Unbroken
from app.watch import tracing

DEAD_AFTER = timedelta(seconds=10)
"""A worker that has not given a sign for so long, or for the length of a shorter lease, loses its jobs to others."""
LOOK_ANYWAY = timedelta(seconds=2)
BEGIN_AGAIN_SECONDS = 0.5
CUT_AGAIN_SECONDS = 0.2

log = structlog.get_logger()


async def run_worker(shop: Workshop, stop: asyncio.Event) -> None:
    """Until `stop`; then no new job is taken, and those at hand get up to `drain_seconds` to end.

    A create that is cut then, or dies with the process, counts as unsure: it is never sent again.
    """
    await _catch_up(shop)
    tasks = [asyncio.create_task(run_for_ever(chore)) for chore in chores(shop)]
    unbroken = Unbroken()
    try:
        while not stop.is_set():
            await _run_queue_once(shop, unbroken, stop)
            if not stop.is_set():
                await asyncio.sleep(BEGIN_AGAIN_SECONDS)
    finally:
        await unbroken.cut()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _catch_up(shop: Workshop) -> None:
    try:
        await catch_up(shop.database, shop.providers)
    except TemporarilyUnavailable as trouble:
        log.warning("not caught up yet; the clocks of what waits go on", reason=trouble.code)


async def _run_queue_once(shop: Workshop, unbroken: Unbroken, stop: asyncio.Event) -> None:
    try:
        async with open_driver(shop.database) as (driver, gone):
            log.info("worker ready", slots=shop.slots, listens=shop.database.direct is not None)
            manager = _manager(shop, unbroken, driver)
            await _work(manager, shop, unbroken, stop=stop, gone=gone)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.warning("queue waits for the database", reason=type(error).__name__)


async def _work(
    manager: QueueManager, shop: Workshop, unbroken: Unbroken, *, stop: asyncio.Event, gone: asyncio.Event
) -> None:
    """Until it breaks, `stop` is said, or the connection is `gone`."""
    running = asyncio.create_task(_run(manager, shop))
    stopping, losing = asyncio.create_task(stop.wait()), asyncio.create_task(gone.wait())
    try:
        await asyncio.wait({running, stopping, losing}, return_when=asyncio.FIRST_COMPLETED)
        manager.shutdown.set()
        await _end(running, unbroken if stop.is_set() else None, shop.drain_seconds)
    finally:
        for task in (running, stopping, losing):
            task.cancel()
        await asyncio.gather(running, stopping, losing, return_exceptions=True)


def _manager(shop: Workshop, unbroken: Unbroken, driver: Driver) -> QueueManager:
    manager = QueueManager(queries_over(driver), channel=SETTINGS.channel)
    by_name = handlers(shop)
    for name, handler in {**by_name, WorkKind.SUBMIT: unbroken.wrapped(by_name[WorkKind.SUBMIT])}.items():
        manager.entrypoint(name, on_failure="hold", accepts_context=False)(_job_handler(shop.database, name, handler))
    return manager


async def _parent(database: Database, subject: UUID) -> str | None:
    if not tracing.is_on():
        return None
    async with database.transaction() as tx:
        return await journal.traceparent(tx, subject)


def _job_handler(database: Database, name: str, handler: Handler) -> Callable[[Job], Awaitable[None]]:
    async def handle(job: Job) -> None:
        subject = UUID(bytes=job.payload)
        with structlog.contextvars.bound_contextvars(job=name, job_id=job.id, subject=str(subject)):
            try:
                with tracing.span(f"job {name}", kind="consumer", parent=await _parent(database, subject)):
                    await handler(subject)
            except TemporarilyUnavailable as trouble:
                log.warning("work put off", reason=trouble.code)

    return handle


async def _run(manager: QueueManager, shop: Workshop) -> None:
    await manager.run(
        batch_size=max(1, shop.slots // 2),
        max_concurrent_tasks=shop.slots,
        dequeue_timeout=LOOK_ANYWAY,
        heartbeat_timeout=min(DEAD_AFTER, shop.lease),
        shutdown_on_listener_failure=shop.database.direct is not None,
    )


async def _end(running: asyncio.Task[None], unbroken: Unbroken | None, seconds: float) -> None:
    """`unbroken` work is waited for at the very end; where only the connection is lost it goes on by itself."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.shield(running)
            if unbroken is not None:
                await unbroken.ended()
    except TimeoutError:
        log.warning("jobs cut off at shutdown; they fall due again")
        if unbroken is not None:
            await unbroken.cut()
        await _cut(running)
    except Exception as error:
        log.warning("queue interrupted", reason=type(error).__name__)
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(0)


async def _cut(running: asyncio.Task[None]) -> None:
    """A queue that is just leaving its loop spends one cancellation on that, and then waits for its jobs."""
    while not running.done():
        running.cancel()
        await asyncio.wait({running}, timeout=CUT_AGAIN_SECONDS)
