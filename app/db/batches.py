"""Batches: predictions that were admitted together."""

from uuid import UUID

from sqlalchemy import insert, select

from app.db.engine import Transaction
from app.db.own_files import files_of
from app.db.prediction_rows import prediction_of
from app.db.tables import batches, predictions
from app.domain.prediction import Prediction


async def add(tx: Transaction, batch_id: UUID, owner: str) -> None:
    await tx.execute(insert(batches).values(id=batch_id, owner=owner))


async def load(tx: Transaction, batch_id: UUID, owner: str) -> list[Prediction] | None:
    """Those of them that were not deleted, in their order; None if there is no such batch of this owner."""
    query = select(batches.c.id).where(batches.c.id == batch_id, batches.c.owner == owner)
    if (await tx.execute(query)).first() is None:
        return None
    own = select(predictions).where(predictions.c.batch_id == batch_id).order_by(predictions.c.id)
    rows = (await tx.execute(own)).mappings().all()
    files = await files_of(tx, [row["id"] for row in rows])
    return [prediction_of(row, files.get(row["id"], ())) for row in rows]
