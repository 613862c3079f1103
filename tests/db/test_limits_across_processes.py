"""A limit is one limit, however many processes count against it."""

import asyncio
import os
import sys

HITS, AT_ONCE, LIMIT = 400, 10, 100
COUNTING = f"""
import asyncio, sys
from limits import RateLimitItemPerHour
from limits.aio.strategies import FixedWindowRateLimiter
from app.db.engine import Database
from app.db.limits import PostgresStorage

async def main():
    database = Database(sys.argv[1], pool_size={AT_ONCE})
    limiter, limit = FixedWindowRateLimiter(PostgresStorage(database)), RateLimitItemPerHour({LIMIT})
    hits = asyncio.Semaphore({AT_ONCE})
    async def hit():
        async with hits:
            return await limiter.hit(limit, "ann")
    print(sum(await asyncio.gather(*(hit() for _ in range({HITS})))))
    await database.close()

print("ready", flush=True)
sys.stdin.readline()
asyncio.run(main())
"""


async def begun(database_url: str) -> asyncio.subprocess.Process:
    """A process that waits for a line before it counts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COUNTING, database_url),
        env={"PATH": os.environ["PATH"]},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def test_four_processes_of_four_hundred_hits_get_a_hundred_through(database_url: str) -> None:
    processes = await asyncio.gather(*(begun(database_url) for _ in range(4)))
    ended = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    allowed = [int(said) for said, _ in ended]
    assert sum(allowed) == LIMIT, allowed
    assert [process.returncode for process in processes] == [0] * 4
