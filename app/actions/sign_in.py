"""Signing in and out: a browser gets a token of its own in place of the key, which it need not keep."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from app.db import keys, sessions
from app.db.engine import Database
from app.domain.caller import Caller
from app.domain.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The token is shown to the browser alone, once."""

    caller: Caller
    token: str = field(repr=False)
    expires_at: datetime


async def sign_in(database: Database, key: str, *, instead_of: str | None = None) -> SignedIn:
    """A new session always, the old one being ended, so that nobody can choose another's. Raises Unauthenticated."""
    token = secrets.token_urlsafe(32)
    async with database.transaction() as tx:
        caller = await keys.find_caller(tx, key)
        if caller is None or caller.key_id is None:
            raise Unauthenticated("This key is unknown, or was revoked or rotated.")
        if instead_of is not None:
            await sessions.end(tx, instead_of)
        ends = await sessions.add(
            tx, token, owner=caller.owner, key_id=caller.key_id, secret_sha256=keys.sha256_of(key)
        )
    return SignedIn(caller, token, ends)


async def sign_out(database: Database, token: str) -> None:
    async with database.transaction() as tx:
        await sessions.end(tx, token)
