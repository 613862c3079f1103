"""Deletion for good: the row and what hangs on it, a bare tombstone in its place, its blobs doomed until removed."""

from collections.abc import Sequence

from sqlalchemy import Text, cast, delete, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import changes
from app.db.engine import Transaction, note_change
from app.db.tables import deliveries, doomed_blobs, files, predictions, tombstones, uploads
from app.domain.prediction import Prediction


async def bury(tx: Transaction, prediction: Prediction) -> list[str]:
    """The keys of its blobs, to be removed once this has committed. The prediction must be locked."""
    keys = [key for file in prediction.files if file.stored for key in file.stored.keys]
    if keys:
        await tx.execute(upsert(doomed_blobs).values([{"key": key} for key in keys]).on_conflict_do_nothing())
    buried = insert(tombstones).values(
        prediction_id=prediction.id, provider=prediction.provider, provider_id=prediction.provider_id
    )
    await tx.execute(buried.returning(changes.telling_of_deletion(prediction.id, prediction.owner)))
    await tx.execute(delete(deliveries).where(deliveries.c.prediction_id == prediction.id))
    await tx.execute(delete(predictions).where(predictions.c.id == prediction.id))
    note_change(tx, prediction.id)
    return keys


async def doomed(tx: Transaction, limit: int = 200) -> list[str]:
    query = select(doomed_blobs.c.key).order_by(doomed_blobs.c.doomed_at).limit(limit)
    return list((await tx.execute(query)).scalars())


async def forget_doomed(tx: Transaction, keys: Sequence[str]) -> None:
    await tx.execute(delete(doomed_blobs).where(doomed_blobs.c.key.in_(keys)))


async def without_row(tx: Transaction, keys: Sequence[str]) -> list[str]:
    """Those of the keys that no row names: neither as an output, nor as its thumbnail, nor as an upload."""
    given = select(func.unnest(cast(list(keys), ARRAY(Text))).label("key")).subquery()
    columns = (files.c.key, files.c.thumb_key, uploads.c.key)
    named = [select(column).where(column == given.c.key).exists() for column in columns]
    query = select(given.c.key).where(*(~each for each in named))
    return list((await tx.execute(query)).scalars())
