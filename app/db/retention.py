"""What is old enough to go. Ids are UUIDv7, so that age is read from the primary key and needs no index of its own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, select, update

from app.db.engine import Transaction
from app.db.own_files import files_of
from app.db.prediction_rows import prediction_of
from app.db.tables import deliveries, exchanges, notices, predictions
from app.domain.ids import uuid7
from app.domain.prediction import Prediction, Status
from app.domain.work import WorkKind

_FINAL = [status.value for status in Status if status.is_final]


async def old_predictions(tx: Transaction, before: datetime, limit: int) -> list[Prediction]:
    """Locked, oldest first: final, owing nothing, and created before. Others' locks are passed by."""
    query = select(predictions).where(_is_old(before)).order_by(predictions.c.id).limit(limit)
    rows = (await tx.execute(query.with_for_update(skip_locked=True))).mappings().all()
    own = await files_of(tx, [row["id"] for row in rows])
    return [prediction_of(row, own.get(row["id"], ())) for row in rows]


async def count_old_predictions(tx: Transaction, before: datetime) -> int:
    query = select(func.count()).select_from(predictions).where(_is_old(before))
    return int((await tx.execute(query)).scalar_one())


def _is_old(before: datetime) -> ColumnElement[bool]:
    old = predictions.c.id < _first_id(before)
    return old & predictions.c.status.in_(_FINAL) & predictions.c.work.is_(None)


async def forget_old_deliveries(tx: Transaction, before: datetime, limit: int) -> int:
    chosen = select(deliveries.c.id).where(deliveries.c.id < _first_id(before)).order_by(deliveries.c.id).limit(limit)
    statement = delete(deliveries).where(deliveries.c.id.in_(chosen.with_for_update(skip_locked=True)))
    return (await tx.execute(statement)).rowcount


async def forget_old_exchanges(tx: Transaction, before: datetime, limit: int) -> int:
    """Of predictions that were created before."""
    chosen = select(exchanges.c.id).where(exchanges.c.prediction_id < _first_id(before))
    chosen = chosen.order_by(exchanges.c.prediction_id).limit(limit).with_for_update(skip_locked=True)
    return (await tx.execute(delete(exchanges).where(exchanges.c.id.in_(chosen)))).rowcount


async def count_old_deliveries(tx: Transaction, before: datetime) -> int:
    query = select(func.count()).select_from(deliveries).where(deliveries.c.id < _first_id(before))
    return int((await tx.execute(query)).scalar_one())


async def forget_old_notices(tx: Transaction, before: datetime, limit: int) -> int:
    """Those that are owed no more, with their attempts."""
    ended = (notices.c.id < _first_id(before), notices.c.due_at.is_(None))
    return await _forget_notices(tx, select(notices.c.id).where(*ended), limit)


async def forget_notices_of(tx: Transaction, endpoint_id: UUID, limit: int) -> int:
    """Owed or not."""
    return await _forget_notices(tx, select(notices.c.id).where(notices.c.endpoint_id == endpoint_id), limit)


async def _forget_notices(tx: Transaction, which: Select[UUID], limit: int) -> int:
    chosen = which.order_by(notices.c.id).limit(limit).with_for_update(skip_locked=True)
    return (await tx.execute(delete(notices).where(notices.c.id.in_(chosen)))).rowcount


async def count_old_notices(tx: Transaction, before: datetime) -> int:
    ended = (notices.c.id < _first_id(before), notices.c.due_at.is_(None))
    return int((await tx.execute(select(func.count()).select_from(notices).where(*ended))).scalar_one())


async def doubt_submissions(tx: Transaction) -> int:
    """Whatever is still to be submitted may have been, soon after it was created: it is looked for instead
    (`domain.events.Unanswered`)."""
    statement = (
        update(predictions)
        .where(predictions.c.work == WorkKind.SUBMIT.value, predictions.c.asked_at.is_(None))
        .values(asked_at=predictions.c.created_at, version=predictions.c.version + 1)
    )
    return (await tx.execute(statement)).rowcount


def _first_id(at: datetime) -> UUID:
    """No id that was made at this time or later is smaller, whatever its random bits."""
    return UUID(int=uuid7(at).int >> 80 << 80)
