"""Rate limits' windows in Postgres: exact, begun by the first hit, renewed after their end, and forgotten."""

import asyncio
from time import time

import pytest
from limits import RateLimitItemPerHour
from limits.aio.strategies import FixedWindowRateLimiter

from app.actions.upkeep import forget_ended_windows
from app.db.engine import Database
from app.db.limits import PostgresStorage
from app.domain.errors import TemporarilyUnavailable

HOUR = 3600


@pytest.fixture
def windows(database: Database) -> PostgresStorage:
    return PostgresStorage(database)


async def pass_by(database: Database, seconds: float) -> None:
    async with database.transaction() as tx:
        await tx.exec_driver_sql(f"UPDATE rate_limits SET expires_at = expires_at - interval '{seconds} seconds'")


async def test_hits_are_counted_for_each_key(windows: PostgresStorage) -> None:
    assert [(await windows.count("ann", HOUR))[0] for _ in range(3)] == [1, 2, 3]
    assert (await windows.count("bob", HOUR))[0] == 1
    assert (await windows.count("bob", HOUR, 5))[0] == 6


async def test_a_window_ends_a_period_after_its_first_hit(windows: PostgresStorage, database: Database) -> None:
    assert await windows.count("ann", HOUR) == (1, HOUR)
    await pass_by(database, 1000)
    counted, left = await windows.count("ann", HOUR)
    assert counted == 2 and HOUR - 1010 < left <= HOUR - 1000


async def test_after_its_end_a_new_one_begins(windows: PostgresStorage, database: Database) -> None:
    await windows.count("ann", HOUR, 100)
    await pass_by(database, HOUR)
    assert await windows.count("ann", HOUR) == (1, HOUR)


async def test_of_many_at_once_no_two_see_the_same_count(windows: PostgresStorage) -> None:
    counted = await asyncio.gather(*(windows.count("ann", HOUR) for _ in range(200)))
    assert sorted(count for count, _ in counted) == list(range(1, 201))


async def test_what_is_counted_can_be_read_and_cleared(windows: PostgresStorage, database: Database) -> None:
    assert await windows.get("ann") == 0
    assert abs(await windows.get_expiry("ann") - time()) < 60
    await windows.incr("ann", HOUR)
    assert await windows.get("ann") == 1
    assert abs(await windows.get_expiry("ann") - time() - HOUR) < 60
    await pass_by(database, HOUR)
    assert await windows.get("ann") == 0
    await windows.incr("ann", HOUR)
    await windows.clear("ann")
    assert await windows.get("ann") == 0
    await windows.incr("bob", HOUR)
    assert (await windows.reset(), await windows.check()) == (1, True)


async def test_windows_that_are_over_are_forgotten(windows: PostgresStorage, database: Database) -> None:
    await windows.count("ann", HOUR)
    await pass_by(database, HOUR)
    await windows.count("bob", HOUR)
    assert [await forget_ended_windows(database) for _ in range(2)] == [1, 0]
    assert (await windows.count("bob", HOUR))[0] == 2


async def test_the_strategy_of_limits_works_on_it(windows: PostgresStorage) -> None:
    limiter, five = FixedWindowRateLimiter(windows), RateLimitItemPerHour(5)
    assert [await limiter.hit(five, "ann") for _ in range(7)] == [True] * 5 + [False] * 2
    assert not await limiter.test(five, "ann")
    assert (await limiter.get_window_stats(five, "ann")).remaining == 0
    await limiter.clear(five, "ann")
    assert await limiter.hit(five, "ann")


async def test_without_a_database_it_says_so() -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(TemporarilyUnavailable):
        await PostgresStorage(nowhere).count("ann", HOUR)
    await nowhere.close()
