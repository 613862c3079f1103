"""Leases and fencing: one attempt at a time, and a late one changes nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Interval, bindparam, text

from app.db import jobs, owed, predictions
from app.db.engine import Database
from app.db.owed import Claim
from app.db.predictions import LeaseLost
from app.domain.prediction import Prediction, Stage
from app.domain.work import Work, WorkKind
from tests.db.rows import add_prediction, load

LEASE = timedelta(seconds=30)
NO_LEASE = timedelta()


async def claim(database: Database, prediction: Prediction, lease: timedelta = LEASE) -> Claim | None:
    async with database.transaction() as tx:
        return await owed.claim(tx, prediction.id, WorkKind.SUBMIT, lease)


async def test_of_many_at_once_one_gets_the_work(database: Database) -> None:
    made = await add_prediction(database)
    claims = await asyncio.gather(*(claim(database, made) for _ in range(10)))
    assert sum(found is not None for found in claims) == 1


async def test_work_of_another_kind_or_due_later_is_not_given(database: Database) -> None:
    assert await claim(database, await add_prediction(database, kind=WorkKind.COLLECT)) is None
    assert await claim(database, await add_prediction(database, due_in=timedelta(minutes=1))) is None


async def test_every_claim_counts_an_attempt_and_falls_due_again_after_its_lease(database: Database) -> None:
    made = await add_prediction(database)
    first = await claim(database, made, NO_LEASE)
    second = await claim(database, made, NO_LEASE)
    assert first and second
    assert (first.work.attempts, second.work.attempts) == (1, 2)
    assert second.token != first.token


async def test_an_attempt_that_lost_its_lease_changes_nothing(database: Database) -> None:
    made = await add_prediction(database)
    late = await claim(database, made, NO_LEASE)
    current = await claim(database, made)
    assert late and current
    before = await load(database, made)

    with pytest.raises(LeaseLost):
        async with database.transaction() as tx:
            await predictions.save(tx, before, replace(before, stage=Stage.DONE), token=late.token)
    async with database.transaction() as tx:
        assert not await owed.extend(tx, late, LEASE)
        assert await owed.extend(tx, current, LEASE)
        assert await predictions.lock(tx, made.id, token=late.token) is None
        assert await predictions.lock(tx, made.id, token=current.token) is not None
    assert (await load(database, made)).stage is before.stage


async def test_a_change_of_the_work_takes_it_from_whoever_holds_it(database: Database) -> None:
    made = await add_prediction(database)
    held = await claim(database, made)
    assert held
    async with database.transaction() as tx:
        before = await predictions.lock(tx, made.id)
        assert before
        work = Work(WorkKind.RECONCILE, held.now, held.now + LEASE)
        await predictions.save(tx, before, replace(before, work=work))
    async with database.transaction() as tx:
        assert await predictions.lock(tx, made.id, token=held.token) is None


async def test_the_sweep_enqueues_what_is_due_once(database: Database) -> None:
    made = await add_prediction(database)
    async with database.transaction() as tx:
        await tx.exec_driver_sql("DELETE FROM jobs.pgqueuer")
    for _ in range(3):
        async with database.transaction() as tx:
            assert await owed.enqueue_due(tx) == 1
    async with database.transaction() as tx:
        payloads = (await tx.exec_driver_sql("SELECT payload FROM jobs.pgqueuer")).scalars().all()
    assert payloads == [made.id.bytes]


async def test_what_lies_in_the_queue_is_not_enqueued_again_however_long_it_is_due(database: Database) -> None:
    await add_prediction(database, due_in=timedelta(seconds=-1))
    assert await _swept(database, later_by=timedelta(seconds=9)) == 1
    await _in_hand(database)
    assert await _swept(database) == 2
    assert await _swept(database, later_by=timedelta(seconds=3)) == 2


async def test_what_has_become_more_urgent_has_another_job_before_the_others(database: Database) -> None:
    await add_prediction(database)
    assert await _swept(database, later_by=jobs.LONG_WAIT) == 2


async def _swept(database: Database, *, later_by: timedelta = timedelta()) -> int:
    """How many jobs there are after a sweep, once so much time has gone by."""
    async with database.transaction() as tx:
        shifted = text("UPDATE predictions SET due_at = due_at - :later").bindparams(bindparam("later", type_=Interval))
        await tx.execute(shifted, {"later": later_by})
        await owed.enqueue_due(tx)
        return int((await tx.exec_driver_sql("SELECT count(*) FROM jobs.pgqueuer")).scalar_one())


async def _in_hand(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.exec_driver_sql("UPDATE jobs.pgqueuer SET status = 'picked'")


async def test_the_longest_overdue_work_is_told(database: Database) -> None:
    async with database.transaction() as tx:
        assert await owed.longest_overdue(tx) == timedelta()
    await add_prediction(database, due_in=timedelta(minutes=-3))
    async with database.transaction() as tx:
        assert timedelta(minutes=3) <= await owed.longest_overdue(tx) < timedelta(minutes=4)
