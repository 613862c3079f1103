"""API keys: stored as SHA-256, found by a prefix that is no secret."""

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, cast, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.exc import DBAPIError

from app.db.engine import Transaction
from app.db.tables import api_keys
from app.domain.caller import Budgets, Caller, Scope
from app.domain.grants import Grant

KEY_START = "dk_"
PREFIX = re.compile(rf"{KEY_START}([0-9a-f]{{8}})_")
USE_NOTED_EVERY = text("interval '1 minute'")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Until `previous_until` the secret before the last rotation opens as well."""

    id: UUID
    owner: str
    name: str
    prefix: str
    grant: Grant
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    previous_until: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """Shown once. The prefix finds the row; 256 random bits make the rest."""

    prefix: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        return f"{KEY_START}{self.prefix}_{self.secret}"

    @property
    def sha256(self) -> bytes:
        return sha256_of(self.text)

    @classmethod
    def random(cls) -> "NewKey":
        return cls(secrets.token_hex(4), secrets.token_urlsafe(32))


def sha256_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def add(tx: Transaction, key_id: UUID, key: NewKey, *, owner: str, name: str, grant: Grant) -> None:
    own = {"id": key_id, "owner": owner, "name": name, "prefix": key.prefix, "key_sha256": key.sha256}
    await tx.execute(insert(api_keys).values(**own, **_columns(grant)))


async def find_caller(tx: Transaction, text: str) -> Caller | None:
    """Whom the key stands for; None if it is malformed, unknown, wrong, revoked, or rotated away.

    That it was used is noted, at most once a minute.
    """
    found = await find_caller_for(tx, text)
    return None if found is None else found[0]


async def find_caller_for(tx: Transaction, text: str) -> tuple[Caller, float] | None:
    """The same, and for how many seconds more if nobody revokes it: for ever, but for a secret in its grace."""
    prefix = PREFIX.match(text)
    if prefix is None:
        return None
    rows, given = (await tx.execute(_named_by(prefix[1]))).mappings().all(), sha256_of(text)
    row = next((row for row in rows if hmac.compare_digest(row["sha256"], given)), None)
    if row is None:
        return None
    if row["is_use_old"]:
        await _note_use(tx, row["id"])
    return caller_of(row), inf if row["seconds_left"] is None else float(row["seconds_left"])


def _named_by(prefix: str) -> Select[Any]:
    """Open keys whose secret, or the one before it within its grace, begins with this prefix."""
    current = api_keys.c.prefix == prefix
    previous = and_(api_keys.c.previous_prefix == prefix, api_keys.c.previous_until > func.now())
    sha256 = case((current, api_keys.c.key_sha256), else_=api_keys.c.previous_sha256)
    left = case((current, None), else_=func.extract("epoch", api_keys.c.previous_until - func.now()))
    facts = (sha256.label("sha256"), left.label("seconds_left"), _is_use_old().label("is_use_old"))
    query = select(api_keys, *facts)
    return query.where(api_keys.c.revoked_at.is_(None), or_(current, previous))


def _is_use_old() -> ColumnElement[bool]:
    return func.coalesce(api_keys.c.last_used_at <= func.now() - USE_NOTED_EVERY, True)


async def _note_use(tx: Transaction, key_id: UUID) -> None:
    """Left undone where it would have to wait or cannot be written: the request is more important."""
    free = select(api_keys.c.id).where(api_keys.c.id == key_id, _is_use_old())
    free = free.with_for_update(skip_locked=True, key_share=True)
    statement = update(api_keys).where(api_keys.c.id.in_(free)).values(last_used_at=func.now())
    with suppress(DBAPIError):
        async with tx.begin_nested():
            await tx.execute(statement)


def caller_of(row: RowMapping) -> Caller:
    """Whom a row of `api_keys` stands for."""
    grant = _grant(row)
    return Caller(
        row["owner"],
        row["id"],
        grant.scopes,
        rate_limit=grant.rate_limit,
        max_unfinished=grant.max_unfinished,
        budgets=grant.budgets,
        retry_guard=grant.retry_guard,
    )


async def everyone(tx: Transaction) -> list[ApiKey]:
    query = select(api_keys).order_by(api_keys.c.created_at)
    same = ("id", "owner", "name", "prefix", "created_at", "last_used_at", "revoked_at", "previous_until")
    found = (await tx.execute(query)).mappings()
    return [ApiKey(**{name: row[name] for name in same}, grant=_grant(row)) for row in found]


async def rotate(tx: Transaction, id_or_prefix: str, key: NewKey, grace: timedelta) -> tuple[UUID, datetime] | None:
    """The same key under a new secret: its id, and until when the old secret opens. None if no such key is open.

    A secret from before the old one opens nothing from now on.
    """
    statement = update(api_keys).where(_is_open(id_or_prefix))
    statement = statement.values(
        prefix=key.prefix,
        key_sha256=key.sha256,
        previous_prefix=api_keys.c.prefix,
        previous_sha256=api_keys.c.key_sha256,
        previous_until=func.now() + grace,
    )
    row = (await tx.execute(statement.returning(api_keys.c.id, api_keys.c.previous_until))).one_or_none()
    return None if row is None else (row.id, row.previous_until)


async def revoke(tx: Transaction, id_or_prefix: str) -> bool:
    """False if no such key is open."""
    statement = update(api_keys).where(_is_open(id_or_prefix)).values(revoked_at=func.now())
    return (await tx.execute(statement)).rowcount == 1


def _is_open(id_or_prefix: str) -> ColumnElement[bool]:
    """Named by its id, its prefix, or that of the secret before, which is what may lie in somebody's hands."""
    names = (cast(api_keys.c.id, TEXT), api_keys.c.prefix, api_keys.c.previous_prefix)
    return and_(or_(*(name == id_or_prefix for name in names)), api_keys.c.revoked_at.is_(None))


def _grant(row: RowMapping) -> Grant:
    return Grant(
        frozenset(scope for scope in Scope if scope in row["scopes"]),
        row["rate_limit"],
        row["max_unfinished"],
        Budgets(row["daily_budget"], row["monthly_budget"], row["total_budget"]),
        row["retry_guard"],
    )


def _columns(grant: Grant) -> dict[str, Any]:
    return {
        "scopes": sorted(grant.scopes),
        "rate_limit": grant.rate_limit,
        "max_unfinished": grant.max_unfinished,
        "daily_budget": grant.budgets.daily,
        "monthly_budget": grant.budgets.monthly,
        "total_budget": grant.budgets.total,
        "retry_guard": grant.retry_guard,
    }
