"""Reading: one prediction, and pages of them."""

from uuid import UUID

from app.db import lookups, predictions
from app.db.engine import Database
from app.db.lookups import ListFilter
from app.domain.errors import PredictionNotFound
from app.domain.prediction import Prediction


async def read_prediction(database: Database, prediction_id: UUID, *, owner: str | None) -> Prediction:
    """`owner` None is for the bearer of the prediction's own client token. Raises PredictionNotFound."""
    async with database.alone() as tx:
        prediction = await predictions.load(tx, prediction_id, owner=owner)
    if prediction is None:
        raise PredictionNotFound("There is no such prediction.")
    return prediction


async def list_predictions(database: Database, wanted: ListFilter, *, owner: str) -> list[Prediction]:
    """At most `limit`; the door asks for one more than it shows, and so can tell whether there are more."""
    async with database.transaction() as tx:
        return await lookups.page(tx, owner, wanted)


async def count_predictions(database: Database, wanted: ListFilter, *, owner: str) -> int:
    async with database.transaction() as tx:
        return await lookups.count(tx, owner, wanted)
