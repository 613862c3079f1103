"""Owed work: who does it, for how long, and how the late are kept out.

A claim is one conditional UPDATE: it moves `due_at` a lease ahead, so that a dead worker's work falls due again, and
leaves a token that every later change by this attempt must name (`predictions.save`). The job queue only wakes
workers up; what is owed is read from these columns.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Integer, Interval, Text, Uuid, bindparam, func, select, update

from app.db import jobs
from app.db.engine import Transaction
from app.db.own_files import with_files
from app.db.prediction_rows import work_of
from app.db.tables import predictions, provider_pauses
from app.domain.prediction import Prediction
from app.domain.work import Work, WorkKind


@dataclass(frozen=True, slots=True)
class Claim:
    """An attempt: the prediction as it was taken, the token that proves the attempt, the database's time of it.

    `limited_for`: for so long the provider limits us.
    """

    prediction: Prediction
    work: Work
    token: UUID
    now: datetime
    limited_for: timedelta | None = None


async def claim(tx: Transaction, prediction_id: UUID, kind: WorkKind, lease: timedelta) -> Claim | None:
    """None if it is not owed, not due, or somebody is at it."""
    token = uuid4()
    given = {"wanted": prediction_id, "kind": kind.value, "token": token, "lease": lease}
    row = (await tx.execute(_CLAIM, given)).mappings().one_or_none()
    prediction = await with_files(tx, row) if row else None
    if row is None or prediction is None or prediction.work is None:
        return None
    return Claim(prediction, prediction.work, token, row["now"], row["limited_for"])


_WAITED = func.coalesce(func.now() - predictions.c.waits_since, timedelta())
"""While it waits for its turn, the clock of its deadline stands still (`domain.steps.waited`)."""
_LIMITED = (
    select(provider_pauses.c.limited_until - func.now())
    .where(provider_pauses.c.provider == predictions.c.provider, provider_pauses.c.limited_until > func.now())
    .scalar_subquery()
)
_CLAIM = (
    update(predictions)
    .where(
        predictions.c.id == bindparam("wanted"),
        predictions.c.work == bindparam("kind", type_=Text),
        predictions.c.due_at <= func.now(),
    )
    .values(
        attempts=predictions.c.attempts + 1,
        attempt_token=bindparam("token", type_=Uuid),
        due_at=func.now() + bindparam("lease", type_=Interval),
        waits_since=None,
        deadline_at=predictions.c.deadline_at + _WAITED,
    )
    .returning(predictions, func.now().label("now"), _LIMITED.label("limited_for"))
)


async def extend(tx: Transaction, claim: Claim, lease: timedelta) -> bool:
    """Move the lease of a long attempt ahead; False if it was lost."""
    statement = (
        update(predictions)
        .where(predictions.c.id == claim.prediction.id, predictions.c.attempt_token == claim.token)
        .values(due_at=func.now() + lease)
    )
    return (await tx.execute(statement)).rowcount == 1


async def enqueue_due(tx: Transaction, limit: int = 500) -> int:
    """A job for everything that is due, most overdue first; what already waits in the queue is left alone."""
    rows = (await tx.execute(_DUE, {"most": limit})).mappings().all()
    due = [(row["id"], work) for row in rows if (work := work_of(row))]
    if due and (unqueued := await jobs.without_queued(tx, due, now=rows[0]["now"])):
        await jobs.enqueue(tx, unqueued, now=rows[0]["now"])
    return len(due)


_WORK = ("id", "work", "due_at", "deadline_at", "attempts", "waits_since")
_DUE = (
    select(*(predictions.c[name] for name in _WORK), func.now().label("now"))
    .where(predictions.c.work.is_not(None), predictions.c.due_at <= func.now())
    .order_by(predictions.c.due_at)
    .limit(bindparam("most", type_=Integer))
)


async def look_now(tx: Transaction, *, spread_seconds: float) -> int:
    """Every look that waits for its time is due within `spread_seconds`. Returns how many are."""
    soon = func.now() + func.random() * timedelta(seconds=spread_seconds)
    statement = (
        update(predictions)
        .where(
            predictions.c.work == WorkKind.RECONCILE.value,
            predictions.c.attempt_token.is_(None),
            predictions.c.due_at > func.now() + timedelta(seconds=spread_seconds),
        )
        .values(due_at=soon)
    )
    return (await tx.execute(statement)).rowcount


async def longest_overdue(tx: Transaction) -> timedelta:
    """How late the most overdue work is."""
    query = select(func.now(), func.min(predictions.c.due_at)).where(predictions.c.work.is_not(None))
    now, due_at = (await tx.execute(query)).one()
    return timedelta() if due_at is None else max(now - due_at, timedelta())
