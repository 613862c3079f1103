"""Idempotency keys: an owner's key names one prediction for 24 hours."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, text

from app.db.engine import Transaction
from app.db.tables import idempotency_keys as keys

REMEMBERED = text("interval '24 hours'")


@dataclass(frozen=True, slots=True)
class Naming:
    """A key, the body that it came with, and what it is to stand for."""

    key: str
    body_sha256: bytes
    prediction_id: UUID


@dataclass(frozen=True, slots=True)
class Remembered:
    prediction_id: UUID
    same_body: bool


async def remember(tx: Transaction, owner: str, *new: Naming) -> bool:
    """Whether all of these keys, of which no two are the same, were new and are now ours.

    Of many at once the first to insert wins and the others wait for its commit; nobody waits in a circle.
    """
    named = sorted(new, key=lambda each: each.key)
    given = {
        "owner": owner,
        "keys": [each.key for each in named],
        "bodies": [each.body_sha256 for each in named],
        "ids": [each.prediction_id for each in named],
    }
    return len((await tx.execute(_REMEMBER, given)).all()) == len(named)


_REMEMBER = text(
    f"""
    INSERT INTO idempotency_keys AS held (owner, key, body_sha256, prediction_id)
    SELECT :owner, given.key, given.body, given.id
    FROM unnest(CAST(:keys AS text[]), CAST(:bodies AS bytea[]), CAST(:ids AS uuid[])) AS given (key, body, id)
    ON CONFLICT (owner, key) DO UPDATE
        SET body_sha256 = excluded.body_sha256, prediction_id = excluded.prediction_id, created_at = now()
        WHERE held.created_at < now() - {REMEMBERED}
    RETURNING 1
    """  # noqa: S608, our own
)


async def recall(tx: Transaction, owner: str, key: str, body_sha256: bytes) -> Remembered | None:
    """What the key stands for, if it is remembered."""
    query = select(keys.c.prediction_id, keys.c.body_sha256).where(
        keys.c.owner == owner, keys.c.key == key, keys.c.created_at >= func.now() - REMEMBERED
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else Remembered(row.prediction_id, row.body_sha256 == body_sha256)


async def forget_old(tx: Transaction) -> int:
    statement = delete(keys).where(keys.c.created_at < func.now() - REMEMBERED)
    return (await tx.execute(statement)).rowcount
