"""The worker as a process: SIGTERM and Ctrl-C let the work at hand end."""

import asyncio
import signal

import structlog

from app.bootstrap import open_services, open_workshop
from app.jobs.runner import run_worker
from app.settings import Settings
from app.telemetry import open_telemetry
from app.watch.collector import set_aside

log = structlog.get_logger()


async def work(settings: Settings, *, seconds: float | None = None) -> None:
    """Until a signal, or for so many seconds."""
    stop = asyncio.Event()
    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, stop.set)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with (
        open_telemetry(settings, "worker"),
        open_services(settings) as services,
        open_workshop(services) as shop,
    ):
        set_aside()
        await run_worker(shop, stop)
    log.info("worker stopped")
