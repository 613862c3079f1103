"""A long attempt keeps its work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from app.db import owed
from app.db.engine import Database
from app.db.owed import Claim
from app.domain.errors import TemporarilyUnavailable

log = structlog.get_logger()


@asynccontextmanager
async def lease_extended(
    database: Database, claim: Claim, lease: timedelta, *, watch: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[None]:
    """While a long attempt runs its lease is moved ahead; if it was lost meanwhile the final save will say so.

    `watch` is called each time, for what else a long attempt has to see.
    """

    async def extend() -> None:
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            with suppress(TemporarilyUnavailable):
                async with database.transaction() as tx:
                    await owed.extend(tx, claim, lease)
                if watch is not None:
                    await watch()

    task = asyncio.create_task(extend())
    try:
        yield
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(ended, Exception):  # of no weight beside what the attempt brings
            log.error("lease not extended", exc_info=ended)
