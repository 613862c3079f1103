"""Counters: exact while many count, fold and read at once; nothing is counted of what was undone."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.db import tallies
from app.db.engine import Database
from app.db.tallies import Tally

LOST = ("outputs_lost", ("skytells",))
INF = float("inf")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, pool_size=8)
    yield opened
    await opened.close()


async def count(database: Database, *new: Tally) -> None:
    async with database.transaction() as tx:
        tallies.add(tx, *new)


async def fold(database: Database) -> None:
    async with database.transaction() as tx:
        await tallies.fold(tx)


async def lost(database: Database) -> int:
    async with database.transaction() as tx:
        found = (await tallies.read(tx)).get(LOST)
    return found.count if found else 0


async def test_many_count_fold_and_read_at_once(database: Database) -> None:
    seen: list[int] = []

    async def counting() -> None:
        for _ in range(20):
            await count(database, Tally("outputs_lost", ("skytells",)))

    async def folding() -> None:
        for _ in range(10):
            await fold(database)

    async def reading() -> None:
        for _ in range(20):
            seen.append(await lost(database))

    await asyncio.gather(counting(), counting(), counting(), folding(), folding(), reading())
    assert seen == sorted(seen)
    assert await lost(database) == 60


async def test_what_is_undone_was_never_counted(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as tx:
            tallies.add(tx, Tally("outputs_lost", ("skytells",)))
            raise RuntimeError
    assert await lost(database) == 0


async def test_a_histogram_and_a_sum_outlive_folds(database: Database) -> None:
    labels = ("skytells", "storing")
    observed = [(0.2, 0.25), (0.2, 0.25), (900.0, INF)]
    await count(database, *(Tally("stage_seconds", labels, total, bucket) for total, bucket in observed))
    await fold(database)
    await count(database, Tally("stage_seconds", labels, 0.2, 0.25), Tally("usd_captured", labels, 0.5))
    await fold(database)
    async with database.transaction() as tx:
        found = await tallies.read(tx)
    assert found["stage_seconds", labels].buckets == {0.25: 3, INF: 1}
    assert found["stage_seconds", labels].count == 4
    assert found["stage_seconds", labels].total == pytest.approx(900.6)
    assert found["usd_captured", labels].total == 0.5


async def test_a_fold_keeps_when_something_was_last_counted(database: Database) -> None:
    await count(database, Tally("worker_signs"))
    async with database.transaction() as tx:
        before = (await tallies.read(tx))["worker_signs", ()].last_at
    await fold(database)
    async with database.transaction() as tx:
        assert (await tallies.read(tx))["worker_signs", ()].last_at == before
