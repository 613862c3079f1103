"""Delete: the record, its prompt, the raw deliveries and the files, for good."""

from uuid import UUID

import structlog

from app.db import graves, predictions
from app.db.engine import Database
from app.domain.errors import PredictionNotFound, PredictionUnfinished
from app.storage.errors import StorageUnavailable
from app.storage.port import BlobStore

log = structlog.get_logger()


async def delete_prediction(database: Database, blobs: BlobStore, prediction_id: UUID, *, owner: str) -> None:
    """Raises PredictionNotFound, or PredictionUnfinished while it may still cost money."""
    async with database.transaction() as tx:
        prediction = await predictions.lock(tx, prediction_id)
        if prediction is None or prediction.owner != owner:
            raise PredictionNotFound("There is no such prediction.")
        if not prediction.status.is_final or prediction.work is not None:
            raise PredictionUnfinished("It is not finished; cancel it first, or wait.")
        keys = await graves.bury(tx, prediction)
    await remove_doomed(database, blobs, keys)


async def remove_doomed(database: Database, blobs: BlobStore, keys: list[str]) -> int:
    """Blobs whose rows are gone. What cannot be removed now stays doomed and is tried again. Returns how many were."""
    removed = []
    for key in keys:
        try:
            await blobs.delete(key)
        except StorageUnavailable as trouble:
            log.warning("blob not removed yet", reason=trouble.reason)
        else:
            removed.append(key)
    if removed:
        async with database.transaction() as tx:
            await graves.forget_doomed(tx, removed)
    return len(removed)
