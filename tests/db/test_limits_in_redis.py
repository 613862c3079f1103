"""Rate limits' windows in Redis: the same promises as in Postgres."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.db.limits_in_redis import RedisWindows, storage_url
from app.domain.errors import TemporarilyUnavailable
from tests.db.redis_server import Redis, redis_server

HOUR = 3600


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    async with redis_server() as running:
        yield running


@pytest.fixture
async def windows(redis: Redis) -> AsyncIterator[RedisWindows]:
    opened = RedisWindows(redis.url)
    yield opened
    await opened.close()


async def test_hits_are_counted_for_each_key(windows: RedisWindows) -> None:
    assert [(await windows.count("ann", HOUR))[0] for _ in range(3)] == [1, 2, 3]
    counted, left = await windows.count("bob", HOUR)
    assert counted == 1 and HOUR - 10 < left <= HOUR + 1


async def test_of_many_at_once_no_two_see_the_same_count(redis: Redis, windows: RedisWindows) -> None:
    other = RedisWindows(redis.url)
    counted = await asyncio.gather(*(each.count("ann", HOUR) for each in (windows, other) for _ in range(100)))
    assert sorted(count for count, _ in counted) == list(range(1, 201))
    await other.close()


async def test_without_a_redis_it_says_so(redis: Redis, windows: RedisWindows) -> None:
    await windows.count("ann", HOUR)
    await redis.end()
    with pytest.raises(TemporarilyUnavailable, match="Redis is away"):
        await windows.count("ann", HOUR)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("redis://localhost", "async+redis://localhost:6379"),
        ("redis://localhost/3", "async+redis://localhost:6379/3"),
        ("redis://:pass@redis.internal:7000/0", "async+redis://:pass@redis.internal:7000/0"),
        ("rediss://me:pass@redis.internal", "async+rediss://me:pass@redis.internal:6379"),
        ("redis://[::1]", "async+redis://[::1]:6379"),
        ("unix:///run/redis.sock?db=1", "async+redis+unix:///run/redis.sock?db=1"),
    ],
)
def test_addresses_are_those_that_people_know(given: str, expected: str) -> None:
    assert storage_url(given) == expected
