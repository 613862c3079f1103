"""Blobs that no row names: an attempt died between storing a file and committing its row."""

from collections.abc import AsyncIterator

import structlog

from app.db import graves
from app.db.engine import Database
from app.storage.port import BlobStore

BATCH = 500

log = structlog.get_logger()


async def sweep_orphans(database: Database, blobs: BlobStore, *, older_than: float) -> int:
    """`older_than` is seconds, and must be longer than an attempt may take from storing to committing."""
    removed = 0
    async for key in find_orphans(database, blobs, older_than=older_than):
        await blobs.delete(key)
        removed += 1
    if removed:
        log.info("orphans removed", blobs=removed)
    return removed


async def find_orphans(database: Database, blobs: BlobStore, *, older_than: float) -> AsyncIterator[str]:
    batch: list[str] = []
    async for key in blobs.keys(older_than):
        batch.append(key)
        if len(batch) == BATCH:
            for orphan in await _unnamed(database, batch):
                yield orphan
            batch = []
    for orphan in await _unnamed(database, batch):
        yield orphan


async def _unnamed(database: Database, keys: list[str]) -> list[str]:
    if not keys:
        return []
    async with database.transaction() as tx:
        return await graves.without_row(tx, keys)
