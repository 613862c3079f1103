"""Publish: what an owner shows to everybody, and takes back; and what everybody sees."""

from uuid import UUID

from app.db import gallery, predictions
from app.db.engine import Database
from app.domain.errors import NotPublishable, PredictionNotFound
from app.domain.prediction import Prediction, Status


async def publish_prediction(database: Database, prediction_id: UUID, *, owner: str, published: bool) -> Prediction:
    """As it is now; twice is as good as once. Raises PredictionNotFound, and NotPublishable where nothing is there that
    could be shown."""
    async with database.transaction() as tx:
        before = await predictions.lock(tx, prediction_id)
        if before is None or before.owner != owner:
            raise PredictionNotFound("There is no such prediction.")
        if published:
            _require_something(before)
        await gallery.publish(tx, prediction_id, published=published)
        return await predictions.load(tx, prediction_id) or before


async def list_published(database: Database, *, limit: int, before: UUID | None) -> list[Prediction]:
    """Newest first."""
    async with database.transaction() as tx:
        return await gallery.page(tx, limit=limit, before=before)


async def read_published(database: Database, prediction_id: UUID) -> Prediction:
    """Raises PredictionNotFound, also of one that is there and not published."""
    async with database.transaction() as tx:
        found = await gallery.find(tx, prediction_id)
    if found is None:
        raise PredictionNotFound("There is no such picture here.")
    return found


def _require_something(prediction: Prediction) -> None:
    if prediction.status is not Status.SUCCEEDED:
        raise NotPublishable("Only a prediction that succeeded can be published.")
    if not any(file.shown for file in prediction.files):
        raise NotPublishable("Its outputs are kept back, so there is nothing that could be shown.")
