"""How long each model commonly takes, by our own latest successes."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import ColumnElement, Double, case, cast, extract, func, select

from app.db.engine import Transaction
from app.db.predictions import time
from app.db.tables import predictions
from app.domain.ids import first_id
from app.domain.prediction import Status

LOOK_BACK = timedelta(days=7)
MOST_ROWS = 10_000
"""Of the newest rows alone: enough for a median, and bounded however much is made."""


async def usual_seconds(tx: Transaction) -> Mapping[tuple[str, str], float]:
    """The median of the provider's time, or where it tells none of ours until it was reported, by provider and slug."""
    column = predictions.c
    since = first_id(await time(tx) - LOOK_BACK)
    newest = (
        select(column.provider, column.model, _seconds().label("seconds"))
        .where(column.status == Status.SUCCEEDED.value, column.id > since)
        .order_by(column.id.desc())
        .limit(MOST_ROWS)
        .subquery()
    )
    median = func.percentile_cont(0.5).within_group(newest.c.seconds).label("median")
    query = select(newest.c.provider, newest.c.model, median).where(newest.c.seconds.is_not(None))
    rows = await tx.execute(query.group_by(newest.c.provider, newest.c.model))
    return {(row.provider, row.model): round(row.median, 1) for row in rows}


def _seconds() -> ColumnElement[float]:
    column = predictions.c
    ours = cast(extract("epoch", column.reported_at - column.created_at), Double)
    return case((column.predict_time.is_not(None), column.predict_time), else_=ours)
