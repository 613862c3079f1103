"""Keys: made and shown once, listed without their secrets, rotated, revoked for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db import keys, predictions
from app.db.engine import Database
from app.db.keys import ApiKey, NewKey
from app.domain.grants import Grant
from app.domain.ids import uuid7


@dataclass(frozen=True, slots=True)
class IssuedKey:
    id: UUID
    key: NewKey


@dataclass(frozen=True, slots=True)
class RotatedKey:
    """The old secret opens until `previous_until`."""

    id: UUID
    key: NewKey
    previous_until: datetime


async def issue_key(database: Database, *, owner: str, name: str = "", grant: Grant | None = None) -> IssuedKey:
    key = NewKey.random()
    async with database.transaction() as tx:
        issued = IssuedKey(uuid7(await predictions.time(tx)), key)
        await keys.add(tx, issued.id, key, owner=owner, name=name, grant=grant or Grant())
    return issued


async def list_keys(database: Database) -> list[ApiKey]:
    async with database.transaction() as tx:
        return await keys.everyone(tx)


async def rotate_key(database: Database, id_or_prefix: str, grace: timedelta) -> RotatedKey | None:
    """The key with a new secret and all else as it was; None if no such key is open."""
    key = NewKey.random()
    async with database.transaction() as tx:
        rotated = await keys.rotate(tx, id_or_prefix, key, grace)
    return rotated and RotatedKey(rotated[0], key, rotated[1])


async def revoke_key(database: Database, id_or_prefix: str) -> bool:
    """False if no such key is open."""
    async with database.transaction() as tx:
        return await keys.revoke(tx, id_or_prefix)
