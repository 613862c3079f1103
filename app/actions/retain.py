"""Retention: finished predictions, raw deliveries, raw calls and notices are kept for so many days, then they go as if
deleted.

The ledger, the day's tallies and a tombstone stay. Each batch is a short transaction of its own, which waits for
nobody's lock. Zero days keep for ever.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from app.actions.delete_prediction import remove_doomed
from app.db import graves, predictions, retention, uploads
from app.db.engine import Database, Transaction
from app.storage.port import BlobStore

PREDICTIONS_AT_ONCE, DELIVERIES_AT_ONCE, UPLOADS_AT_ONCE = 100, 1000, 100

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Retention:
    """In days; 0 is for ever. What was said to providers is kept as long as what they delivered; uploads for hours
    after their last use."""

    predictions: float = 0
    deliveries: float = 0
    upload_hours: float = 24


async def forget_old_predictions(database: Database, blobs: BlobStore, kept: Retention) -> int:
    """Returns how many."""
    forgotten, found = 0, PREDICTIONS_AT_ONCE
    while kept.predictions and found == PREDICTIONS_AT_ONCE:
        async with database.transaction() as tx:
            old = await retention.old_predictions(tx, await _before(tx, kept.predictions), PREDICTIONS_AT_ONCE)
            keys = [key for prediction in old for key in await graves.bury(tx, prediction)]
        await remove_doomed(database, blobs, keys)
        found = len(old)
        forgotten += found
    if forgotten:
        log.info("old predictions forgotten", predictions=forgotten, days=kept.predictions)
    return forgotten


async def forget_old_deliveries(database: Database, kept: Retention) -> int:
    """Returns how many."""
    forgotten = await _forget(database, kept.deliveries, retention.forget_old_deliveries)
    if forgotten:
        log.info("old deliveries forgotten", deliveries=forgotten, days=kept.deliveries)
    return forgotten


async def forget_old_exchanges(database: Database, kept: Retention) -> int:
    """Returns how many."""
    forgotten = await _forget(database, kept.deliveries, retention.forget_old_exchanges)
    if forgotten:
        log.info("old exchanges forgotten", exchanges=forgotten, days=kept.deliveries)
    return forgotten


async def forget_old_notices(database: Database, kept: Retention) -> int:
    """What clients were told, or could not be, as long as deliveries are kept. Returns how many."""
    forgotten = await _forget(database, kept.deliveries, retention.forget_old_notices)
    if forgotten:
        log.info("old notices forgotten", notices=forgotten, days=kept.deliveries)
    return forgotten


async def _forget(
    database: Database, days: float, forget: Callable[[Transaction, datetime, int], Awaitable[int]]
) -> int:
    forgotten, found = 0, DELIVERIES_AT_ONCE
    while days and found == DELIVERIES_AT_ONCE:
        async with database.transaction() as tx:
            found = await forget(tx, await _before(tx, days), DELIVERIES_AT_ONCE)
        forgotten += found
    return forgotten


async def forget_unused_uploads(database: Database, blobs: BlobStore, kept: Retention) -> int:
    """Those that no unfinished prediction needs. Returns how many."""
    forgotten, found = 0, UPLOADS_AT_ONCE
    while found == UPLOADS_AT_ONCE:
        async with database.transaction() as tx:
            before = await predictions.time(tx) - timedelta(hours=kept.upload_hours)
            unused = await uploads.unneeded(tx, before, UPLOADS_AT_ONCE)
            keys = await uploads.bury(tx, unused)
        await remove_doomed(database, blobs, keys)
        found = len(unused)
        forgotten += found
    if forgotten:
        log.info("unused uploads forgotten", uploads=forgotten, hours=kept.upload_hours)
    return forgotten


async def count_old(database: Database, kept: Retention) -> tuple[int, int, int]:
    """Predictions, deliveries and notices that would go."""
    async with database.transaction() as tx:
        old_predictions = await retention.count_old_predictions(tx, await _before(tx, kept.predictions))
        before = await _before(tx, kept.deliveries)
        old_deliveries = await retention.count_old_deliveries(tx, before) if kept.deliveries else 0
        old_notices = await retention.count_old_notices(tx, before) if kept.deliveries else 0
    return old_predictions if kept.predictions else 0, old_deliveries, old_notices


async def _before(tx: Transaction, days: float) -> datetime:
    return await predictions.time(tx) - timedelta(days=days)
