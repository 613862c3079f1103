"""Keys: made and shown once, listed without their secrets, revoked for good."""

from dataclasses import dataclass
from uuid import UUID

from app.db import keys, predictions
from app.db.engine import Database
from app.db.keys import ApiKey, NewKey
from app.domain.ids import uuid7


@dataclass(frozen=True, slots=True)
class IssuedKey:
    id: UUID
    key: NewKey


async def issue_key(database: Database, *, owner: str, name: str = "") -> IssuedKey:
    key = NewKey.random()
    async with database.transaction() as tx:
        issued = IssuedKey(uuid7(await predictions.time(tx)), key)
        await keys.add(tx, issued.id, key, owner=owner, name=name)
    return issued


async def list_keys(database: Database) -> list[ApiKey]:
    async with database.transaction() as tx:
        return await keys.everyone(tx)


async def revoke_key(database: Database, id_or_prefix: str) -> bool:
    """False if no such key is open."""
    async with database.transaction() as tx:
        return await keys.revoke(tx, id_or_prefix)
