"""Figures read from the rows, the same for every process that is asked."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from app.db.engine import Transaction
from app.db.owed import longest_overdue
from app.db.tables import deliveries, files, notices, predictions
from app.domain.prediction import FailureCode


@dataclass(frozen=True, slots=True)
class Gauges:
    """`unfinished` is by stage. Everything here comes from partial indexes, however many rows there are."""

    unfinished: dict[str, int]
    overdue: timedelta
    outputs_lost: int
    deliveries_pending: int
    notices_pending: int


async def read(tx: Transaction) -> Gauges:
    stages = select(predictions.c.stage, func.count().label("unfinished")).where(predictions.c.work.is_not(None))
    lost = select(func.count()).where(files.c.state == "lost", files.c.failure_code == FailureCode.OUTPUT_LOST.value)
    pending = select(func.count()).where(deliveries.c.applied_at.is_(None), deliveries.c.trouble.is_(None))
    untold = select(func.count()).where(notices.c.due_at.is_not(None))
    return Gauges(
        unfinished={row.stage: row.unfinished for row in await tx.execute(stages.group_by(predictions.c.stage))},
        overdue=await longest_overdue(tx),
        outputs_lost=(await tx.execute(lost)).scalar_one(),
        deliveries_pending=(await tx.execute(pending)).scalar_one(),
        notices_pending=(await tx.execute(untold)).scalar_one(),
    )
