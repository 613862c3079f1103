"""Looks at the rows every 100 ms: states never go back, what is final stays, an identity once known is kept, and no
account spends more than it may."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import asyncpg

from scripts.faultrun.budgets import Budget
from scripts.faultrun.database import Server
from scripts.faultrun.history import FINAL, STATUS_RANK
from scripts.faultrun.purses import HAS_MONEY, Purses, standings

EVERY = 0.1
WHOLE_EVERY = 50
"""Samples between two looks at all rows; the others see what is unfinished or was finished lately."""

LATELY = (
    "SELECT id::text, status, version, provider_id FROM predictions "
    "WHERE completed_at IS NULL OR completed_at > now() - interval '3 seconds'"
)
ALL = "SELECT id::text, status, version, provider_id FROM predictions"
CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'faultrun'"
)
AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@dataclass(frozen=True, slots=True)
class Seen:
    id: str
    status: str
    version: int
    provider_id: str | None


@dataclass(slots=True)
class Life:
    """Compares what is seen with what was seen before. `wrongs` are sentences."""

    wrongs: list[str] = field(default_factory=list)
    _last: dict[str, Seen] = field(default_factory=dict)

    def see(self, rows: Iterable[Seen], at: float) -> None:
        for row in rows:
            before = self._last.get(row.id)
            if before is not None and before != row:
                self._compare(before, row, at)
            self._last[row.id] = row

    @property
    def unfinished(self) -> int:
        return sum(row.status not in FINAL for row in self._last.values())

    @property
    def count(self) -> int:
        return len(self._last)

    def _compare(self, before: Seen, row: Seen, at: float) -> None:
        if before.status in FINAL and row.status != before.status:
            self._wrong(row, at, f"left {before.status} for {row.status}")
        elif STATUS_RANK.get(row.status, 0) < STATUS_RANK.get(before.status, 0):
            self._wrong(row, at, f"went back from {before.status} to {row.status}")
        if row.version < before.version:
            self._wrong(row, at, f"went back from version {before.version} to {row.version}")
        if before.provider_id is not None and row.provider_id != before.provider_id:
            self._wrong(row, at, f"was bound to {before.provider_id}, then to {row.provider_id}")

    def _wrong(self, row: Seen, at: float, what: str) -> None:
        self.wrongs.append(f"{row.id} {what} at {at:.1f}")


class Observer:
    """`budgets` are asked for once the accounts exist."""

    def __init__(self, server: Server, budgets: Callable[[], Mapping[str, Budget]]) -> None:
        self.life = Life()
        self.purses = Purses()
        self.samples = 0
        self.most_connections = 0
        self._server = server
        self._budgets = budgets
        self._has_money = False
        self._connection: asyncpg.Connection | None = None

    async def run(self) -> None:
        try:
            while True:
                began = time.monotonic()
                try:
                    await self._sample()
                except AWAY:
                    self._let_go()
                await asyncio.sleep(max(0.01, EVERY - (time.monotonic() - began)))
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _sample(self) -> None:
        if self._connection is None:
            self._connection = await self._server.connect(patience=0)
            self._has_money = await self._connection.fetchval(HAS_MONEY)
        rows = await self._connection.fetch(ALL if self.samples % WHOLE_EVERY == 0 else LATELY, timeout=5)
        self.life.see((Seen(*row.values()) for row in rows), time.time())
        if self._has_money:
            self.purses.see(await standings(self._connection), self._budgets(), time.time())
        self.samples += 1
        if self.samples % 10 == 0:
            self.most_connections = max(self.most_connections, await self._connection.fetchval(CONNECTIONS))
