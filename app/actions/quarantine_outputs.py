"""Quarantine: a prediction's outputs are kept, and neither served nor linked, from the commit on; and the way back.

No provider of ours tells of a picture that its moderation disliked and delivered all the same: what Skytells filters
ends as `content_filtered`, without outputs. So this is an operator's word, not a report's.
"""

from uuid import UUID

from app.db import predictions
from app.db import quarantine as store
from app.db.engine import Database
from app.domain.errors import PredictionNotFound


async def quarantine_outputs(database: Database, prediction_id: UUID) -> int:
    """How many files are hidden now that were not. Raises PredictionNotFound."""
    async with database.transaction() as tx:
        if await predictions.lock(tx, prediction_id) is None:
            raise PredictionNotFound("There is no such prediction.")
        return await store.quarantine(tx, prediction_id)


async def release_outputs(database: Database, prediction_id: UUID) -> int:
    """How many files are shown again. Raises PredictionNotFound."""
    async with database.transaction() as tx:
        if await predictions.lock(tx, prediction_id) is None:
            raise PredictionNotFound("There is no such prediction.")
        return await store.release(tx, prediction_id)
