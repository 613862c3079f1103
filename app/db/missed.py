"""What an endpoint missed: events that were given up, and those of a time in which it was disabled.

They fall due one after the other, so that a receiver that has just come back is not run over, nor anybody else's made
to wait.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import notices, predictions
from app.domain.endpoints import TEST, Endpoint
from app.domain.ids import first_id, uuid7
from app.domain.notices import CANCELED, COMPLETED, FAILED, SUCCEEDED
from app.domain.prediction import Status

AT_ONCE = 1000
APART = timedelta(milliseconds=20)
LONGEST_LIFE = timedelta(days=7)
"""More than any prediction takes, so that what ended since a time is found by its id."""
_ENDS = {SUCCEEDED: Status.SUCCEEDED, FAILED: Status.FAILED, CANCELED: Status.CANCELED}


async def send_again(tx: Transaction, endpoint: Endpoint, since: datetime, already: int) -> int:
    """What was given up of the events since then, behind so many that are sent already. Returns how many, at most
    AT_ONCE."""
    given_up = select(notices.c.id).where(
        notices.c.endpoint_id == endpoint.id,
        notices.c.created_at >= since,
        notices.c.due_at.is_(None),
        notices.c.delivered_at.is_(None),
        notices.c.type != TEST,
    )
    chosen = given_up.order_by(notices.c.id).limit(AT_ONCE).with_for_update(skip_locked=True).subquery()
    ordered = select(chosen.c.id, func.row_number().over(order_by=chosen.c.id).label("place")).subquery()
    renewed = update(notices).where(notices.c.id == ordered.c.id)
    values = {"due_at": func.now() + (ordered.c.place + already) * APART, "attempts": 0, "attempt_token": None}
    return (await tx.execute(renewed.values(values))).rowcount


async def owe_untold(tx: Transaction, endpoint: Endpoint, since: datetime, already: int) -> int:
    """The ends since then that it was never told of, behind so many that are sent already. Returns how many, at most
    AT_ONCE.

    A start is not told afterwards: the end says more, and of one that still runs the end is to come.
    """
    wanted = [status.value for name, status in _ENDS.items() if not endpoint.events or name in endpoint.events]
    found = (await tx.execute(_untold(endpoint, wanted, since))).all()
    rows = [
        {
            "id": uuid7(row.completed_at),
            "prediction_id": row.id,
            "endpoint_id": endpoint.id,
            "owner": endpoint.owner,
            "event": COMPLETED,
            "type": f"prediction.{row.status}",
            "sequence": row.version,
            "created_at": row.completed_at,
            "due_at": func.now() + (place + already) * APART,
        }
        for place, row in enumerate(found)
    ]
    if rows:
        await tx.execute(upsert(notices).values(rows).on_conflict_do_nothing())
    return len(rows)


def _untold(endpoint: Endpoint, statuses: Sequence[str], since: datetime) -> Select[Any]:
    columns = (predictions.c.id, predictions.c.status, predictions.c.version, predictions.c.completed_at)
    same = (notices.c.prediction_id == predictions.c.id, notices.c.endpoint_id == endpoint.id)
    told = select(notices.c.id).where(*same, notices.c.event == COMPLETED).correlate(predictions)
    ended = (predictions.c.status.in_(statuses), predictions.c.completed_at >= since)
    recent = predictions.c.id >= first_id(since - LONGEST_LIFE)
    mine = select(*columns).where(predictions.c.owner == endpoint.owner, recent, *ended, ~told.exists())
    return mine.order_by(predictions.c.id).limit(AT_ONCE)
