"""Connections: one pool for transactions, raw connections for those who listen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.db.address import Address
from app.domain.errors import TemporarilyUnavailable

Transaction = AsyncConnection

POOL_WAIT_SECONDS = 3.0
AWAY_SECONDS = 2
_AWAY = (
    OSError,
    TimeoutError,
    PoolTimeout,
    PendingRollbackError,
    InterfaceError,
    OperationalError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
)
_AWAY_STATES = ("08", "57", "53", "25006", "25P03", "40", "55P03")
"""Connection trouble, stopped or starting or told to stop, out of disk or memory or connections, read-only, the
victim of a deadlock or of another's commit, a lock waited for too long, a transaction that fell asleep."""


IDLE_SECONDS = 4.0
"""A process that freezes in the middle of a transaction keeps its locks no longer: the database undoes it."""


class Database:
    """The pool. `direct` is the address for listening; None behind a pooler that nobody knows a way around. `on_change`
    is called with each prediction that a transaction of this very process has changed, once it has committed."""

    def __init__(
        self,
        url: str,
        *,
        direct_url: str = "",
        pool_size: int = 15,
        statement_seconds: float | None = None,
        plans_anew: bool = False,
    ) -> None:
        """After `statement_seconds` a statement counts as unanswered: the database is away, or frozen. `plans_anew`:
        each is planned for the tables as they are now, where a plan from when they were empty would be kept."""
        self.address = Address.parse(url)
        past_pooler = self.address.unpooled if self.address.pooled else self.address
        self.direct = Address.parse(direct_url) if direct_url else past_pooler
        self.engine = _engine(self.address, pool_size, statement_seconds, plans_anew=plans_anew)
        self.on_change: Callable[[UUID], None] = lambda _: None
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commits at the end, rolls back on any error. Raises TemporarilyUnavailable while the database is away."""
        with _told_when_away():
            async with self.engine.begin() as connection:
                with _noted(connection) as notes:
                    yield connection
                    if notes.left is not None:
                        await notes.left.flush(connection)
        for prediction_id in notes.changed:
            self.on_change(prediction_id)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Transaction]:
        """For single statements, each a transaction of its own: two round trips fewer. Not behind a transaction pooler,
        where only a transaction keeps a statement's parts together. Raises TemporarilyUnavailable."""
        begin = self.engine.begin if self.address.pooled else self._autocommit.connect
        with _told_when_away():
            async with begin() as connection:
                try:
                    yield connection
                except (TimeoutError, asyncio.CancelledError):  # the answer may still come, and would meet the next
                    await connection.invalidate()
                    raise

    async def fetch(self, statement: str, *given: object) -> list[dict[str, Any]]:
        """The rows of one statement with `$1, $2, …`, a transaction of its own, asked of the driver itself: half the
        work of asking it through SQLAlchemy. Raises TemporarilyUnavailable."""
        async with self.alone() as tx:
            if self.address.pooled:
                return [dict(row) for row in (await tx.exec_driver_sql(statement, given)).mappings()]
            driver: Any = (await tx.get_raw_connection()).driver_connection
            return [dict(row) for row in await driver.fetch(statement, *given)]

    async def close(self) -> None:
        await self.engine.dispose()


class Left(Protocol):
    """Rows that are written at the end of a transaction (`writes`)."""

    async def flush(self, tx: Transaction) -> None: ...


@dataclass(slots=True)
class Notes:
    """Of one transaction: its time, the predictions that it changed, and what is left to be written at its end."""

    now: datetime | None = None
    changed: set[UUID] = field(default_factory=set)
    left: Left | None = None


@contextmanager
def _noted(connection: AsyncConnection) -> Iterator[Notes]:
    """The connection's own dictionary outlives the transaction, and its notes must not."""
    kept: dict[Any, Any] = connection.info
    notes = kept[_NOTES] = Notes()
    try:
        yield notes
    finally:
        kept.pop(_NOTES, None)


def notes_of(tx: Transaction) -> Notes | None:
    """None of what is `alone`: it is over with each statement."""
    return tx.info.get(_NOTES)


def note_change(tx: Transaction, prediction_id: UUID) -> None:
    """Whoever reads in this process sees it once `tx` has committed, without waiting for the notification."""
    if notes := notes_of(tx):
        notes.changed.add(prediction_id)


_NOTES = "darkroom.notes"


@contextmanager
def _told_when_away() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not is_away(error):
            raise
        raise TemporarilyUnavailable("The database is away for a moment.", retry_after=AWAY_SECONDS) from error


def _engine(address: Address, pool_size: int, statement_seconds: float | None, *, plans_anew: bool) -> AsyncEngine:
    async def connect() -> asyncpg.Connection:
        settings = {"idle_in_transaction_session_timeout": f"{IDLE_SECONDS:.0f}s"}
        if plans_anew:
            settings["plan_cache_mode"] = "force_custom_plan"
        return await address.connect(
            command_timeout=statement_seconds, server_settings={} if address.pooled else settings
        )

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=address.connection_limit or pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=address.pooled,
        hide_parameters=True,
        **_pooler_options(address),
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: DBAPIConnection, *_: object) -> None:
    """The pool then opens another. A connection knows when its server has gone; asking it each time would cost a round
    trip, and is done only where a pooler between hides that."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _pooler_options(address: Address) -> dict[str, Any]:
    """Behind a transaction pooler a statement's name may meet another's, so names are never the same twice."""
    if not address.pooled:
        return {}
    name = {
        "prepared_statement_name_func": lambda: f"__asyncpg_{uuid4()}__",
        "prepared_statement_cache_size": 0,
    }
    return {"connect_args": name}


def is_away(error: BaseException | None) -> bool:
    """Whether the database could not be reached, or went away; SQLAlchemy wraps some of that as plain DBAPIErrors."""
    while error is not None and not isinstance(error.__cause__, ValueError):  # asyncpg's word for unfit arguments
        state = getattr(error, "sqlstate", None) or ""
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if isinstance(error, _AWAY) or lost or state.startswith(_AWAY_STATES):
            return True
        error = getattr(error, "orig", None) or error.__cause__
    return False
