"""API keys: stored as SHA-256, found by a prefix that is no secret."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update

from app.db.engine import Transaction
from app.db.tables import api_keys

KEY_START = "dk_"
PREFIX_LENGTH = 8


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: UUID
    owner: str
    name: str
    prefix: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """Shown once. The prefix finds the row; 256 random bits make the rest."""

    prefix: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        return f"{KEY_START}{self.prefix}_{self.secret}"

    @classmethod
    def random(cls) -> "NewKey":
        return cls(secrets.token_hex(PREFIX_LENGTH // 2), secrets.token_urlsafe(32))


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def add(tx: Transaction, key_id: UUID, key: NewKey, *, owner: str, name: str) -> None:
    await tx.execute(
        insert(api_keys).values(id=key_id, owner=owner, name=name, prefix=key.prefix, key_sha256=_sha256(key.text))
    )


async def find_owner(tx: Transaction, text: str) -> str | None:
    """The owner that the key opens for; None if it is malformed, unknown, wrong or revoked."""
    prefix = text.removeprefix(KEY_START).partition("_")[0]
    if not text.startswith(KEY_START) or len(prefix) != PREFIX_LENGTH:
        return None
    query = select(api_keys.c.owner, api_keys.c.key_sha256)
    query = query.where(api_keys.c.prefix == prefix, api_keys.c.revoked_at.is_(None))
    row = (await tx.execute(query)).one_or_none()
    if row is None or not hmac.compare_digest(row.key_sha256, _sha256(text)):
        return None
    return str(row.owner)


async def everyone(tx: Transaction) -> list[ApiKey]:
    columns = ("id", "owner", "name", "prefix", "created_at", "revoked_at")
    query = select(*(api_keys.c[name] for name in columns)).order_by(api_keys.c.created_at)
    return [ApiKey(**row) for row in (await tx.execute(query)).mappings()]


async def revoke(tx: Transaction, id_or_prefix: str) -> bool:
    """False if no such key is open."""
    named = or_(func.cast(api_keys.c.id, api_keys.c.owner.type) == id_or_prefix, api_keys.c.prefix == id_or_prefix)
    statement = update(api_keys).where(named, api_keys.c.revoked_at.is_(None)).values(revoked_at=func.now())
    return (await tx.execute(statement)).rowcount == 1
