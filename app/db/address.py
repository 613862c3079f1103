"""What a DATABASE_URL says, as laptops, Neon and Supabase write it.

A transaction pooler (PgBouncer, Neon's `-pooler` hosts, Supabase's port 6543) gives every transaction another server
connection: no prepared statement and no LISTEN lives longer. Where the database itself is behind it follows from the
two companies' own documentation, so that `DATABASE_DIRECT_URL` need not be set there.
"""

import ssl
from dataclasses import dataclass, field
from typing import Any, cast

import asyncpg
from sqlalchemy import URL, make_url

CONNECT_SECONDS = 5.0
SUPABASE, SUPABASE_TRANSACTIONS, SUPABASE_SESSIONS = ".pooler.supabase.com", 6543, 5432
NEON, NEON_POOLER = ".neon.tech", "-pooler."


@dataclass(frozen=True, slots=True)
class Address:
    """What `asyncpg.connect` wants.

    Understood in the query: `sslmode` and `sslrootcert` as libpq has them (`verify-…` without a file, and `system`,
    mean the machine's own authorities), `pgbouncer=true`, `connection_limit=N` (the pool's size), `host` and `port` (a
    unix socket's folder).
    """

    arguments: dict[str, Any] = field(repr=False)
    pooled: bool = False
    connection_limit: int | None = None
    unpooled: "Address | None" = field(default=None, repr=False)
    """The same database past its pooler, where that is known."""

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Raises ValueError, without the URL in its text, if it is none of Postgres."""
        parsed = _parsed(url)
        query = {name: value for name, value in parsed.query.items() if isinstance(value, str)}
        pooled = query.get("pgbouncer") == "true" or _is_pooler(parsed)
        limit = query.get("connection_limit")
        return cls(_arguments(parsed, query, pooled), pooled, int(limit) if limit else None, _beyond(parsed))

    async def connect(self, **more: Any) -> asyncpg.Connection:
        return cast(asyncpg.Connection, await asyncpg.connect(**self.arguments, **more))


def _arguments(parsed: URL, query: dict[str, str], pooled: bool) -> dict[str, Any]:
    found = {
        "user": parsed.username,
        "password": parsed.password,
        "database": parsed.database,
        "host": parsed.host or query.get("host"),
        "port": parsed.port or int(query.get("port", 5432)),
        "ssl": _tls(query.get("sslmode"), query.get("sslrootcert")),
        "timeout": CONNECT_SECONDS,
        "statement_cache_size": 0 if pooled else 100,
    }
    return {name: value for name, value in found.items() if value is not None}


def _tls(mode: str | None, authority: str | None) -> ssl.SSLContext | str | None:
    """asyncpg looks for authorities in the home directory alone."""
    if mode not in ("verify-ca", "verify-full"):
        return mode
    try:
        context = ssl.create_default_context(cafile=None if authority in (None, "system") else authority)
    except (OSError, ssl.SSLError):
        raise ValueError("sslrootcert is not a file of certificates") from None
    context.check_hostname = mode == "verify-full"
    return context


def _is_pooler(url: URL) -> bool:
    host = url.host or ""
    is_neon = host.endswith(NEON) and NEON_POOLER in host
    return is_neon or (host.endswith(SUPABASE) and url.port == SUPABASE_TRANSACTIONS)


def _beyond(url: URL) -> Address | None:
    if not _is_pooler(url):
        return None
    host = url.host or ""
    neon, supabase = url.set(host=host.replace(NEON_POOLER, ".", 1)), url.set(port=SUPABASE_SESSIONS)
    direct = neon if host.endswith(NEON) else supabase
    plain = direct.difference_update_query(("pgbouncer", "connection_limit"))
    return Address.parse(plain.render_as_string(hide_password=False))


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except Exception:
        raise ValueError("DATABASE_URL is not a URL") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL is not a postgresql:// URL")
    return parsed
