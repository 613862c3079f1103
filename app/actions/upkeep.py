"""What keeps the house right by itself: overdue work, leftovers."""

import structlog

from app.actions.delete_prediction import remove_doomed
from app.db import graves, handovers, idempotency, jobs, limits, notices, owed, sessions, tallies, turns
from app.db.engine import Database
from app.db.tallies import Tally
from app.domain.ports import Providers
from app.storage.port import BlobStore

OLD_TEMPORARY_SECONDS = 50.0
"""Of a temporary that nobody writes to; a download that stalls is ended after fifteen."""

log = structlog.get_logger()


async def wake_due_work(database: Database) -> int:
    """A job for everything that is due. Returns how many rows were."""
    async with database.transaction() as tx:
        return await owed.enqueue_due(tx) + await notices.enqueue_due(tx)


async def call_turns(database: Database, providers: Providers) -> int:
    """Whoever's turn it is at a provider with limits. Returns how many were called."""
    called = 0
    for name, provider in providers.items():
        if provider.terms.is_limited:
            async with database.transaction() as tx:
                called += await turns.call(tx, name, provider.terms)
    return called


async def remove_deleted(database: Database, blobs: BlobStore) -> int:
    """Files of deleted predictions that could not be removed at once."""
    async with database.transaction() as tx:
        keys = await graves.doomed(tx)
    return await remove_doomed(database, blobs, keys)


async def clear_leftovers(database: Database, blobs: BlobStore) -> int:
    """What broken uploads, old idempotency keys, finished jobs, ended sessions leave. Returns how many temporaries."""
    removed = await blobs.sweep_temporaries(OLD_TEMPORARY_SECONDS)
    async with database.transaction() as tx:
        forgotten = await idempotency.forget_old(tx)
        logged = await jobs.forget_old_log(tx)
        ended = await sessions.forget_ended(tx)
        handed_over = await handovers.forget_old(tx)
    if removed or forgotten or logged or ended or handed_over:
        log.info(
            "leftovers cleared",
            temporaries=removed,
            idempotency_keys=forgotten,
            job_log=logged,
            sessions=ended,
            handovers=handed_over,
        )
    return removed


async def forget_ended_windows(database: Database) -> int:
    """Rate limits' windows that are over. Returns how many."""
    async with database.transaction() as tx:
        return await limits.forget_ended(tx)


async def fold_tallies(database: Database) -> int:
    """Leaves this worker's sign of life, and makes few rows out of the many that were counted since."""
    async with database.transaction() as tx:
        tallies.add(tx, Tally("worker_signs"))
        return await tallies.fold(tx)
