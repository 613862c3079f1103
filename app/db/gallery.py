"""What owners have published. A picture in quarantine and a deleted prediction are in no list from their commit on."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, null, select, update

from app.db import journal
from app.db.engine import Transaction, note_change
from app.db.own_files import files_of
from app.db.prediction_rows import prediction_of
from app.db.tables import files, predictions
from app.domain.prediction import FileState, Prediction, Status


async def publish(tx: Transaction, prediction_id: UUID, *, published: bool) -> None:
    """The row must be locked. Twice is as good as once."""
    is_out = predictions.c.published_at.is_not(None)
    changed = update(predictions).where(predictions.c.id == prediction_id, ~is_out if published else is_out)
    at = func.now() if published else null()
    grown = changed.values(published_at=at, version=predictions.c.version + 1, updated_at=func.now())
    if (await tx.execute(grown)).rowcount:
        note_change(tx, prediction_id)
        journal.note(tx, prediction_id, "published" if published else "unpublished")


async def page(tx: Transaction, *, limit: int, before: UUID | None = None) -> list[Prediction]:
    """Newest first."""
    query = select(predictions).where(*_shown())
    if before is not None:
        query = query.where(predictions.c.id < before)
    rows = (await tx.execute(query.order_by(predictions.c.id.desc()).limit(limit))).mappings().all()
    own_files = await files_of(tx, [row["id"] for row in rows])
    return [prediction_of(row, own_files.get(row["id"], ())) for row in rows]


async def find(tx: Transaction, prediction_id: UUID) -> Prediction | None:
    query = select(predictions).where(predictions.c.id == prediction_id, *_shown())
    row = (await tx.execute(query)).mappings().one_or_none()
    return None if row is None else prediction_of(row, (await files_of(tx, [prediction_id]))[prediction_id])


def _shown() -> Sequence[ColumnElement[bool]]:
    own = files.c.prediction_id == predictions.c.id
    seen = select(files.c.prediction_id).where(
        own, files.c.state == FileState.STORED.value, files.c.quarantined_at.is_(None)
    )
    is_out = predictions.c.published_at.is_not(None)
    return (is_out, predictions.c.status == Status.SUCCEEDED.value, seen.correlate(predictions).exists())
