"""Blobs that no row names: an attempt died between storing a file and committing its row."""

import structlog

from app.db import graves
from app.db.engine import Database
from app.storage.port import BlobStore

BATCH = 500

log = structlog.get_logger()


async def sweep_orphans(database: Database, blobs: BlobStore, *, older_than: float) -> int:
    """`older_than` is seconds, and must be longer than an attempt may take from storing to committing."""
    removed, batch = 0, []
    async for key in blobs.keys(older_than):
        batch.append(key)
        if len(batch) == BATCH:
            removed += await _remove(database, blobs, batch)
            batch = []
    if batch:
        removed += await _remove(database, blobs, batch)
    if removed:
        log.info("orphans removed", blobs=removed)
    return removed


async def _remove(database: Database, blobs: BlobStore, keys: list[str]) -> int:
    async with database.transaction() as tx:
        orphans = await graves.without_row(tx, keys)
    for key in orphans:
        await blobs.delete(key)
    return len(orphans)
