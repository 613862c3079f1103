"""Files that are kept and shown to nobody."""

from uuid import UUID

from sqlalchemy import func, null, update

from app.db import journal
from app.db.engine import Transaction, note_change
from app.db.tables import files, predictions
from app.domain.prediction import FileState


async def quarantine(tx: Transaction, prediction_id: UUID) -> int:
    """All stored files of a prediction. Returns how many were shown until now."""
    of_it = files.c.prediction_id == prediction_id
    shown = update(files).where(of_it, files.c.state == FileState.STORED.value, files.c.quarantined_at.is_(None))
    count: int = (await tx.execute(shown.values(quarantined_at=func.now()))).rowcount
    if count:
        await _tell(tx, prediction_id, "quarantined", count)
    return count


async def release(tx: Transaction, prediction_id: UUID) -> int:
    """Returns how many are shown again."""
    hidden = update(files).where(files.c.prediction_id == prediction_id, files.c.quarantined_at.is_not(None))
    count: int = (await tx.execute(hidden.values(quarantined_at=null()))).rowcount
    if count:
        await _tell(tx, prediction_id, "released", count)
    return count


async def _tell(tx: Transaction, prediction_id: UUID, kind: journal.Kind, count: int) -> None:
    grown = update(predictions).where(predictions.c.id == prediction_id)
    await tx.execute(grown.values(version=predictions.c.version + 1, updated_at=func.now()))
    journal.note(tx, prediction_id, kind, files=count)
    note_change(tx, prediction_id)
