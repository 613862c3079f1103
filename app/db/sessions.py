"""Browsers that signed in: a token stored as SHA-256, which stands for the key that it was opened with.

A session ends with the secret that opened it: when its key is revoked, or that secret is rotated away. Besides it ends
twelve hours after its last use, and after a week whatever happens.
"""

import hashlib
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.exc import DBAPIError

from app.db.engine import Transaction
from app.db.keys import caller_of
from app.db.tables import api_keys, sessions
from app.domain.caller import Caller

LONGEST_SECONDS = 7 * 86_400
_LONGEST = text(f"interval '{LONGEST_SECONDS} seconds'")
_IDLE = text("interval '12 hours'")
_NOTED_EVERY = text("interval '1 minute'")


async def add(tx: Transaction, token: str, *, owner: str, key_id: UUID, secret_sha256: bytes) -> datetime:
    """When it ends at the latest."""
    own = {"token_sha256": _sha256(token), "owner": owner, "key_id": key_id, "secret_sha256": secret_sha256}
    statement = insert(sessions).values(**own, expires_at=func.now() + _LONGEST)
    ends: datetime = (await tx.execute(statement.returning(sessions.c.expires_at))).scalar_one()
    return ends


async def find_caller(tx: Transaction, token: str) -> Caller | None:
    """Whom the token stands for, with his key's scopes, limits and budgets as they are now; None if it has ended.

    That it was used is noted, at most once a minute.
    """
    is_old = (sessions.c.last_used_at <= func.now() - _NOTED_EVERY).label("is_use_old")
    query = select(api_keys, is_old).join(sessions, sessions.c.key_id == api_keys.c.id)
    found = await tx.execute(query.where(sessions.c.token_sha256 == _sha256(token), _is_open(), _secret_opens()))
    row = found.mappings().one_or_none()
    if row is None:
        return None
    if row["is_use_old"]:
        await _note_use(tx, token)
    return caller_of(row)


async def end(tx: Transaction, token: str) -> None:
    await tx.execute(delete(sessions).where(sessions.c.token_sha256 == _sha256(token)))


async def forget_ended(tx: Transaction) -> int:
    """Those whose time is over, or whose key is revoked. Returns how many."""
    revoked = select(api_keys.c.id).where(api_keys.c.id == sessions.c.key_id, api_keys.c.revoked_at.is_not(None))
    gone = delete(sessions).where(or_(~_is_open(), revoked.correlate(sessions).exists()))
    return int((await tx.execute(gone)).rowcount)


def _is_open() -> ColumnElement[bool]:
    return and_(sessions.c.expires_at > func.now(), sessions.c.last_used_at > func.now() - _IDLE)


def _secret_opens() -> ColumnElement[bool]:
    previous = and_(sessions.c.secret_sha256 == api_keys.c.previous_sha256, api_keys.c.previous_until > func.now())
    return and_(api_keys.c.revoked_at.is_(None), or_(sessions.c.secret_sha256 == api_keys.c.key_sha256, previous))


async def _note_use(tx: Transaction, token: str) -> None:
    """Left undone where it would have to wait or cannot be written, as with keys."""
    free = select(sessions.c.token_sha256).where(sessions.c.token_sha256 == _sha256(token))
    free = free.with_for_update(skip_locked=True)
    with suppress(DBAPIError):
        async with tx.begin_nested():
            statement = update(sessions).where(sessions.c.token_sha256.in_(free))
            await tx.execute(statement.values(last_used_at=func.now()))


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
