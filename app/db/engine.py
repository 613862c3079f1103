"""Connections: one pool for transactions, raw connections for those who listen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.domain.errors import TemporarilyUnavailable

Transaction = AsyncConnection

CONNECT_SECONDS = 5.0
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
    asyncpg.PostgresConnectionError,
)
_AWAY_STATES = ("08", "57", "53", "25006", "25P03", "40", "55P03")
"""Connection trouble, stopped or starting or told to stop, out of disk or memory or connections, read-only, the
victim of a deadlock or of another's commit, a lock waited for too long, a transaction that fell asleep."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a DATABASE_URL says, as `asyncpg.connect` wants it.

    Understood in the query, as Neon and Supabase hand URLs out: `sslmode`, `pgbouncer=true` (no prepared statements
    live across transactions), `connection_limit=N` (the pool's size), `host` and `port` (a unix socket's folder).
    """

    arguments: dict[str, Any] = field(repr=False)
    pooled: bool = False
    connection_limit: int | None = None

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Raises ValueError, without the URL in its text, if it is none of Postgres."""
        parsed = _parsed(url)
        query = {name: value for name, value in parsed.query.items() if isinstance(value, str)}
        pooled = query.get("pgbouncer") == "true"
        arguments = {
            "user": parsed.username,
            "password": parsed.password,
            "database": parsed.database,
            "host": parsed.host or query.get("host"),
            "port": parsed.port or int(query.get("port", 5432)),
            "ssl": query.get("sslmode"),
            "timeout": CONNECT_SECONDS,
            "statement_cache_size": 0 if pooled else 100,
        }
        limit = query.get("connection_limit")
        given = {name: value for name, value in arguments.items() if value is not None}
        return cls(given, pooled, int(limit) if limit else None)

    async def connect(self, **more: Any) -> asyncpg.Connection:
        return cast(asyncpg.Connection, await asyncpg.connect(**self.arguments, **more))


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except Exception:
        raise ValueError("DATABASE_URL is not a URL") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL is not a postgresql:// URL")
    return parsed


IDLE_SECONDS = 4.0
"""A process that freezes in the middle of a transaction keeps its locks no longer: the database undoes it."""


class Database:
    """The pool. `direct` is the address for listening, which a transaction pooler could not serve."""

    def __init__(
        self, url: str, *, direct_url: str = "", pool_size: int = 15, statement_seconds: float | None = None
    ) -> None:
        """After `statement_seconds` a statement counts as unanswered: the database is away, or frozen."""
        self.address = Address.parse(url)
        self.direct = Address.parse(direct_url) if direct_url else self.address
        self.engine = _engine(self.address, pool_size, statement_seconds)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commits at the end, rolls back on any error. Raises TemporarilyUnavailable while the database is away."""
        try:
            async with self.engine.begin() as connection:
                yield connection
        except Exception as error:
            if not is_away(error):
                raise
            raise TemporarilyUnavailable("The database is away for a moment.", retry_after=AWAY_SECONDS) from error

    async def close(self) -> None:
        await self.engine.dispose()


def _engine(address: Address, pool_size: int, statement_seconds: float | None) -> AsyncEngine:
    async def connect() -> asyncpg.Connection:
        settings = {} if address.pooled else {"idle_in_transaction_session_timeout": f"{IDLE_SECONDS:.0f}s"}
        return await address.connect(command_timeout=statement_seconds, server_settings=settings)

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=address.connection_limit or pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        **_pooler_options(address),
    )


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
