"""Rate limits in Postgres: windows of an unlogged table, counted by the database's clock, exact over all processes."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from limits.aio.storage import Storage
from sqlalchemy import delete, func, select

from app.db.engine import Database, Transaction
from app.db.group_commit import GroupCommit
from app.db.tables import rate_limits

_COUNT = """
INSERT INTO rate_limits AS held (key, count, expires_at)
SELECT given.key, given.amount, now() + given.expiry * interval '1 second'
FROM unnest($1::text[], $2::int[], $3::int[]) AS given (key, amount, expiry)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN held.expires_at > now() THEN held.count ELSE 0 END + excluded.count,
    expires_at = CASE WHEN held.expires_at > now() THEN held.expires_at ELSE excluded.expires_at END
RETURNING key, count, extract(epoch FROM expires_at - now())::float AS seconds_left
"""
"""A row's lock puts hits in order, so that no two see the same count."""


@dataclass(frozen=True, slots=True, eq=False)
class _Hit:
    key: str
    expiry: int
    amount: int

    @property
    def identity(self) -> Hashable:
        return self


class PostgresStorage(Storage):
    """For the fixed windows of `limits`. Every method raises TemporarilyUnavailable while the database is away.

    A window begins with its first hit and ends `expiry` seconds later. A crash of Postgres empties the table, which
    forgives what was counted.
    """

    STORAGE_SCHEME = None

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._together = GroupCommit[_Hit, tuple[int, float]](self._count_all)

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return ()

    async def count(self, key: str, expiry: int, amount: int = 1) -> tuple[int, float]:
        """`incr` and the seconds that the window has left, in one statement, which hits side by side share."""
        return await self._together.add(_Hit(key, expiry, amount))

    async def _count_all(self, hits: Sequence[_Hit]) -> list[tuple[int, float]]:
        """Each as if it had come alone, one after the other."""
        amounts, expiries = Counter[str](), dict[str, int]()
        for hit in hits:
            amounts[hit.key] += hit.amount
            expiries.setdefault(hit.key, hit.expiry)
        keys = sorted(amounts)  # nobody waits in a circle
        given = keys, [amounts[key] for key in keys], [expiries[key] for key in keys]
        rows = {row["key"]: row for row in await self._database.fetch(_COUNT, *given)}
        sums, found = {key: row["count"] - amounts[key] for key, row in rows.items()}, []
        for hit in hits:
            sums[hit.key] += hit.amount
            found.append((sums[hit.key], rows[hit.key]["seconds_left"]))
        return found

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return (await self.count(key, expiry, amount))[0]

    async def get(self, key: str) -> int:
        query = select(rate_limits.c.count).where(rate_limits.c.key == key, rate_limits.c.expires_at > func.now())
        async with self._database.transaction() as tx:
            return (await tx.execute(query)).scalar() or 0

    async def get_expiry(self, key: str) -> float:
        """Seconds since 1970; now, where nothing is counted."""
        ends = func.coalesce(func.max(rate_limits.c.expires_at), func.now())
        query = select(func.extract("epoch", func.greatest(ends, func.now()))).where(rate_limits.c.key == key)
        async with self._database.transaction() as tx:
            return float((await tx.execute(query)).scalar_one())

    async def check(self) -> bool:
        async with self._database.transaction() as tx:
            return bool((await tx.execute(select(1))).scalar_one())

    async def reset(self) -> int | None:
        async with self._database.transaction() as tx:
            return (await tx.execute(delete(rate_limits))).rowcount

    async def clear(self, key: str) -> None:
        async with self._database.transaction() as tx:
            await tx.execute(delete(rate_limits).where(rate_limits.c.key == key))


async def forget_ended(tx: Transaction) -> int:
    """Windows that are over. Returns how many."""
    return (await tx.execute(delete(rate_limits).where(rate_limits.c.expires_at <= func.now()))).rowcount
