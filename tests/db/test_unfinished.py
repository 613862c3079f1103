"""The cap on unfinished predictions: exact, of one key alone, and gone with their end."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from app.db import predictions, unfinished
from app.db.engine import Database
from app.domain.caller import Caller
from app.domain.errors import TooManyUnfinished
from tests.db.rows import new_row

ANN = Caller("ann", UUID(int=1))


async def create(database: Database, caller: Caller, *, default: int = 0, count: int = 1) -> bool:
    """As the action does it: admitted and added in one transaction. Whether it was."""
    try:
        async with database.transaction() as tx:
            await unfinished.admit(tx, caller, default=default, count=count)
            row = replace(new_row(await predictions.time(tx), owner=caller.owner), key_id=caller.key_id)
            rows = [replace(row, id=new_row(row.created_at).id, callback_token=f"{row.id}{n}") for n in range(count)]
            await predictions.add(tx, *rows)
    except TooManyUnfinished:
        return False
    return True


async def finish_one(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.exec_driver_sql(
            "UPDATE predictions SET status = 'failed' WHERE id = (SELECT id FROM predictions "
            "WHERE status IN ('starting', 'processing') LIMIT 1)"
        )


async def test_of_many_creates_at_once_exactly_as_many_as_the_cap_are_admitted(database: Database) -> None:
    admitted = await asyncio.gather(*(create(database, ANN, default=7) for _ in range(40)))
    assert sum(admitted) == 7


async def test_one_that_ends_makes_room_for_one(database: Database) -> None:
    assert [await create(database, ANN, default=2) for _ in range(3)] == [True, True, False]
    await finish_one(database)
    assert [await create(database, ANN, default=2) for _ in range(2)] == [True, False]


async def test_a_key_s_own_cap_replaces_the_service_s(database: Database) -> None:
    narrow, wide, free = (replace(ANN, max_unfinished=cap) for cap in (1, 3, 0))
    assert [await create(database, narrow, default=2) for _ in range(2)] == [True, False]
    assert [await create(database, wide, default=1) for _ in range(3)] == [True, True, False]
    assert all([await create(database, free, default=1) for _ in range(3)])


async def test_without_a_cap_nothing_is_counted(database: Database) -> None:
    assert all(await asyncio.gather(*(create(database, ANN) for _ in range(20))))


async def test_another_s_are_not_counted(database: Database) -> None:
    callers = (ANN, replace(ANN, key_id=UUID(int=2)), Caller("ann"), Caller("bob", UUID(int=3)), Caller("bob"))
    for caller in callers:
        assert [await create(database, caller, default=1) for _ in range(2)] == [True, False]


async def test_several_are_admitted_together_or_not_at_all(database: Database) -> None:
    assert await create(database, ANN, default=5, count=3)
    assert not await create(database, ANN, default=5, count=3)
    assert await create(database, ANN, default=5, count=2)


async def test_who_is_refused_is_told_when_to_ask_again_if_ever(database: Database) -> None:
    await create(database, ANN, default=3, count=3)
    for count, retry_after in ((1, 5), (3, 5), (4, None)):
        async with database.transaction() as tx:
            with pytest.raises(TooManyUnfinished, match="at most 3") as refused:
                await unfinished.admit(tx, ANN, default=3, count=count)
        assert refused.value.retry_after == retry_after


async def test_one_key_s_creates_do_not_wait_for_another_s(database: Database) -> None:
    async with database.transaction() as tx:
        await unfinished.admit(tx, ANN, default=1)
        async with asyncio.timeout(60):
            assert await create(database, replace(ANN, key_id=UUID(int=2)), default=1)


async def test_the_index_of_the_unfinished_is_used(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        query = unfinished.counted(ANN).compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True})
        plan = (await tx.exec_driver_sql(f"EXPLAIN {query}")).scalars().all()
    assert "predictions_unfinished_idx" in " ".join(plan)
