"""Turns at a provider with limits: exact over all connections, the oldest first, and free for everybody else."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from app.db import owed, pauses, predictions, turns
from app.db.engine import Database
from app.domain.events import Asked, PutOff
from app.domain.lifecycle import advance
from app.domain.prediction import Prediction, Stage
from app.domain.rates import Rate
from app.domain.work import Terms, WorkKind
from tests.db.rows import add_prediction, change, load

LEASE = timedelta(seconds=30)
THREE_A_MINUTE = Terms(creates=Rate(3, 60))
TWO_AT_ONCE = Terms(at_once=2)
BOTH = Terms(creates=Rate(3, 60), at_once=2)


async def submit(database: Database, prediction: Prediction, terms: Terms) -> owed.Claim | None:
    """As the submission does it, up to the asking; None if it was put off."""
    async with database.transaction() as tx:
        claim = await owed.claim(tx, prediction.id, WorkKind.SUBMIT, LEASE)
        assert claim is not None
        sleep = await turns.take(tx, claim, terms)
        told = Asked() if sleep is None else PutOff(sleep)
        after = advance(claim.prediction, told, claim.now, terms)
        await predictions.save(tx, claim.prediction, after, token=claim.token)
    return claim if sleep is None else None


async def call(database: Database, terms: Terms) -> int:
    async with database.transaction() as tx:
        return await turns.call(tx, "skytells", terms)


async def answer(database: Database, claim: owed.Claim, terms: Terms) -> None:
    async with database.transaction() as tx:
        await turns.answered(tx, claim.token, terms)


async def pass_time(database: Database, by: timedelta) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            text("UPDATE provider_sends SET counts_until = counts_until - CAST(:by AS interval)"), {"by": by}
        )


async def in_order(database: Database, count: int) -> list[Prediction]:
    made = [await add_prediction(database) for _ in range(count)]
    return sorted(made, key=lambda each: each.id)


async def is_due(database: Database, prediction: Prediction) -> bool:
    work = (await load(database, prediction)).work
    async with database.transaction() as tx:
        return work is not None and work.due_at <= await predictions.time(tx)


@pytest.mark.parametrize(("terms", "room"), [(THREE_A_MINUTE, 3), (TWO_AT_ONCE, 2), (BOTH, 2)])
async def test_of_many_at_once_just_as_many_are_let_through_and_they_are_the_oldest(
    database: Database, terms: Terms, room: int
) -> None:
    made = await in_order(database, 12)
    sent = await asyncio.gather(*(submit(database, each, terms) for each in reversed(made)))
    through = {claim.prediction.id for claim in sent if claim}
    assert through == {each.id for each in made[:room]}
    assert {(await load(database, each)).stage for each in made[room:]} == {Stage.QUEUED}


async def test_a_send_counts_until_a_window_after_its_answer(database: Database) -> None:
    made = await in_order(database, 5)
    claims = [claim for each in made if (claim := await submit(database, each, THREE_A_MINUTE))]
    await pass_time(database, timedelta(seconds=60))
    assert await call(database, THREE_A_MINUTE) == 0, "none of them need have arrived yet"
    await pass_time(database, turns.ARRIVES_WITHIN)
    assert await call(database, THREE_A_MINUTE) == 2

    again = [claim for each in made[3:] if (claim := await submit(database, each, THREE_A_MINUTE))]
    assert len(again) == 2
    await answer(database, again[0], THREE_A_MINUTE)
    await answer(database, claims[0], THREE_A_MINUTE)
    async with database.transaction() as tx:
        query = text("SELECT token FROM provider_sends WHERE counts_until <= now() + interval '60 seconds'")
        assert set((await tx.execute(query)).scalars()) == {again[0].token}


async def test_nobody_overtakes_an_older_one_that_waits(database: Database) -> None:
    made = await in_order(database, 5)
    for each in made:
        await submit(database, each, THREE_A_MINUTE)
    await pass_time(database, timedelta(minutes=2))
    newer = await add_prediction(database)
    assert await submit(database, newer, Terms(creates=Rate(2, 60))) is None
    assert await call(database, Terms(creates=Rate(1, 60))) == 1
    assert [await is_due(database, each) for each in (made[3], made[4], newer)] == [True, False, False]
    assert await submit(database, made[3], Terms(creates=Rate(1, 60)))


async def test_only_those_are_called_for_whom_there_is_room_and_only_once(database: Database) -> None:
    made = await in_order(database, 6)
    for each in made:
        await submit(database, each, TWO_AT_ONCE)
    assert await call(database, TWO_AT_ONCE) == 0
    await change(database, made[0], work=None, asked_at=None, stage=Stage.DONE)
    assert [await call(database, TWO_AT_ONCE) for _ in range(3)] == [1, 0, 0]
    assert [await is_due(database, each) for each in made[2:]] == [True, False, False, False]


async def test_what_is_looked_for_or_canceled_there_still_takes_room(database: Database) -> None:
    made = await in_order(database, 3)
    for each, kind in ((made[0], WorkKind.RECONCILE), (made[1], WorkKind.CANCEL)):
        assert each.work
        await change(database, each, provider_id=str(each.id), work=replace(each.work, kind=kind))
    assert await submit(database, made[2], TWO_AT_ONCE) is None
    assert made[1].work
    await change(database, made[1], work=replace(made[1].work, kind=WorkKind.COLLECT))
    assert await call(database, TWO_AT_ONCE) == 1
    assert await submit(database, made[2], TWO_AT_ONCE)


async def test_the_deadline_stands_still_while_it_waits(database: Database) -> None:
    made = await in_order(database, 4)
    last = [await submit(database, each, THREE_A_MINUTE) for each in made][-1]
    waiting = (await load(database, made[3])).work
    assert last is None and waiting and waiting.waits_since and waiting.attempts == 0
    since = waiting.waits_since - timedelta(hours=2)
    await change(database, made[3], work=replace(waiting, waits_since=since, due_at=made[3].created_at))
    async with database.transaction() as tx:
        claim = await owed.claim(tx, made[3].id, WorkKind.SUBMIT, LEASE)
    assert claim and claim.work.waits_since is None
    assert claim.work.deadline_at == waiting.deadline_at + (claim.now - since)


async def test_a_provider_that_limits_us_is_sent_nothing_whatever_room_there_is(database: Database) -> None:
    first, second = await in_order(database, 2)
    async with database.transaction() as tx:
        await pauses.pause(tx, "skytells", timedelta(seconds=40), limited=True)
    for each, terms in ((first, THREE_A_MINUTE), (second, Terms())):
        assert await submit(database, each, terms) is None
        work = (await load(database, each)).work
        assert work and work.due_at - each.created_at > timedelta(seconds=39)
    assert await call(database, THREE_A_MINUTE) == 0
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE provider_pauses SET limited_until = now()"))
    assert await call(database, THREE_A_MINUTE) == 2


async def test_a_pause_of_looks_alone_holds_up_no_submission(database: Database) -> None:
    (made,) = await in_order(database, 1)
    async with database.transaction() as tx:
        await pauses.pause(tx, "skytells", timedelta(seconds=40))
    assert await submit(database, made, Terms())


async def test_who_is_canceled_leaves_the_line(database: Database) -> None:
    made = await in_order(database, 5)
    for each in made:
        await submit(database, each, THREE_A_MINUTE)
    await change(database, made[3], work=None, stage=Stage.DONE)
    await pass_time(database, timedelta(minutes=2))
    assert await call(database, Terms(creates=Rate(1, 60))) == 1
    assert await is_due(database, made[4])


async def test_admission_costs_nothing_where_there_are_no_limits(database: Database) -> None:
    said: list[str] = []
    made = await in_order(database, 2)
    async with database.transaction() as tx:
        claims = [await owed.claim(tx, each.id, WorkKind.SUBMIT, LEASE) for each in made]
        event.listen(tx.sync_connection, "before_cursor_execute", lambda *given: said.append(given[2]))
        for claim, terms, statements in zip(claims, (Terms(), BOTH), (0, 3), strict=True):
            assert claim
            said.clear()
            assert await turns.take(tx, claim, terms) is None
            assert len(said) == statements
