"""PgQueuer on the same Postgres: jobs enqueued inside the caller's transaction.

Its objects live in the schema `jobs`. A job is only a wake-up call: it carries a prediction's id, and the row says
what is owed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import Driver
from pgqueuer.queries import Queries
from sqlalchemy import text

from app.db.engine import Transaction
from app.db.job_drivers import InTransaction
from app.domain.work import Work, WorkKind

NOTIFY = "notify"
NOTIFY_PRIORITY = 30
LONG_WAIT = timedelta(seconds=15)
TIME_LEFT = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5), timedelta(hours=2))
"""Of the time until an output is given up, which is twice what its provider promises."""
SETTINGS = DBSettings(db_schema="jobs", channel="darkroom_jobs")


def queries_over(driver: Driver) -> Queries:
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(SETTINGS),
        qbq=QueryQueueBuilder(SETTINGS),
        qbs=QuerySchedulerBuilder(SETTINGS),
    )


async def enqueue(tx: Transaction, owed: Sequence[tuple[UUID, Work]], *, now: datetime) -> None:
    """One job for each; skipped where the same attempt of the same work waits already.

    Not for ever: a job may lie in the hands of a worker that froze before it claimed the row. Work that stays overdue
    may have another job after 4, 8, 16… seconds; whoever comes second finds it claimed.
    """
    await queries_over(InTransaction(tx)).enqueue(
        [work.kind.value for _, work in owed],
        [prediction_id.bytes for prediction_id, _ in owed],
        [priority(work, now) for _, work in owed],
        dedupe_key=[_dedupe_key(prediction_id, work, now) for prediction_id, work in owed],
        on_conflict="skip",
    )


async def without_queued(
    tx: Transaction, owed: Sequence[tuple[UUID, Work]], *, now: datetime
) -> list[tuple[UUID, Work]]:
    """Those that no job in the queue stands for, or only one of a lower priority than they have by now. What is in
    somebody's hands is no longer in the queue."""
    keys = [(key, at, priority(work, now)) for at, (id_, work) in enumerate(owed) for key in _keys(id_, work, now)]
    if not keys:
        return []
    names, places, priorities = zip(*keys, strict=True)
    queued = set((await tx.exec_driver_sql(_QUEUED, (names, places, priorities))).scalars())
    return [each for at, each in enumerate(owed) if at not in queued]


_QUEUED = """
    SELECT given.at FROM unnest($1::text[], $2::int[], $3::int[]) AS given (key, at, priority)
      JOIN jobs.pgqueuer job ON job.dedupe_key = given.key AND job.status = 'queued' AND job.priority >= given.priority
"""


async def enqueue_notices(tx: Transaction, owed: Sequence[tuple[UUID, int]]) -> None:
    """`owed` are ids and how often each was tried."""
    await queries_over(InTransaction(tx)).enqueue(
        [NOTIFY for _ in owed],
        [notice_id.bytes for notice_id, _ in owed],
        [NOTIFY_PRIORITY for _ in owed],
        dedupe_key=[f"{notice_id}:{attempts}" for notice_id, attempts in owed],
        on_conflict="skip",
    )


def _dedupe_key(prediction_id: UUID, work: Work, now: datetime) -> str:
    return _keys(prediction_id, work, now)[-1]


def _keys(prediction_id: UUID, work: Work, now: datetime) -> list[str]:
    """Of the jobs that this attempt may have had until now, the latest last."""
    overdue = max((now - work.due_at).total_seconds(), 0)
    so_far = int(overdue / 4).bit_length()
    return [f"{prediction_id}:{work.kind}:{work.attempts}:{number}" for number in range(so_far + 1)]


def priority(work: Work, now: datetime) -> int:
    """Higher goes first. Coarse buckets, since PgQueuer's statistics keep a row for each value.

    Collecting goes by the time left. Looking goes before all but the urgent ones, since what it may find is dying
    unseen. A submission loses nothing by waiting, yet one that has waited long goes before most.
    """
    if work.kind is WorkKind.SUBMIT:
        return 50 if now - work.due_at < LONG_WAIT else 75
    if work.kind is not WorkKind.COLLECT:
        return 70
    left = work.deadline_at - now
    return 90 - 10 * sum(left > bound for bound in TIME_LEFT)


async def forget_old_log(tx: Transaction) -> int:
    """PgQueuer's log of ended jobs is aggregated into its statistics and then of use for a day."""
    statement = text("DELETE FROM jobs.pgqueuer_log WHERE aggregated AND created < now() - interval '1 day'")
    return (await tx.execute(statement)).rowcount


async def held(tx: Transaction) -> list[dict[str, Any]]:
    """Newest first; `why` is the error that broke the job's last run."""
    query = text(
        "SELECT job.id, job.entrypoint AS work, encode(job.payload, 'hex')::uuid AS subject, job.updated AS since,"
        " (SELECT log.traceback ->> 'exception_type' FROM jobs.pgqueuer_log log"
        "   WHERE log.job_id = job.id AND log.traceback IS NOT NULL ORDER BY log.id DESC LIMIT 1) AS why"
        " FROM jobs.pgqueuer job WHERE job.status = 'failed' ORDER BY job.id DESC LIMIT 500"
    )
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def release_held(tx: Transaction) -> int:
    ids = [row["id"] for row in await held(tx)]
    if ids:
        await queries_over(InTransaction(tx)).requeue_jobs(ids)
    return len(ids)
