"""PgQueuer's driver port over SQLAlchemy's connections.

Its own asyncpg driver would write outside our transactions, and behind a transaction pooler its statements would lose
each other between two round trips.
"""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Self

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.core.tm import TaskManager
from pgqueuer.ports.driver import Driver, NotifyCallback

from app.db.engine import Database, Transaction


@asynccontextmanager
async def open_driver(database: Database) -> AsyncIterator[tuple[Driver, asyncio.Event]]:
    """For a worker, and what is set when its connection breaks. Hears of new jobs if there is a direct address.

    Raises what asyncpg raises when the database cannot be reached there.
    """
    gone = asyncio.Event()
    if database.direct is None:
        yield OverPool(database), gone
        return
    connection = await database.direct.connect()
    connection.add_termination_listener(lambda _: gone.set())
    try:
        yield AsyncpgDriver(connection), gone
    finally:
        connection.terminate()


class _Driver(Driver):
    def __init__(self) -> None:
        self._shutdown = asyncio.Event()
        self._tasks = TaskManager()

    @abstractmethod
    def _transaction(self) -> AbstractAsyncContextManager[Transaction]: ...

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        async with self._transaction() as tx:
            rows = await tx.exec_driver_sql(query, tuple(args))
            return [dict(row) for row in rows.mappings()]

    async def execute(self, query: str, *args: object) -> str:
        async with self._transaction() as tx:
            return str((await tx.exec_driver_sql(query, tuple(args))).rowcount)

    async def notify(self, channel: str, payload: str) -> None:
        await self.execute("SELECT pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Nothing is ever heard: who wants to know looks every so often."""

    @property
    def shutdown(self) -> asyncio.Event:
        return self._shutdown

    @property
    def tm(self) -> TaskManager:
        return self._tasks

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


class InTransaction(_Driver):
    """Within the caller's, which SQLAlchemy has begun before the first statement."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__()
        self._tx = tx

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        yield self._tx


class OverPool(_Driver):
    """A short transaction for every statement, on any connection of the pool."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def _transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self._database.transaction()
