"""Idempotency keys: an owner's key names one prediction for 24 hours."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import idempotency_keys as keys

REMEMBERED = text("interval '24 hours'")


@dataclass(frozen=True, slots=True)
class Remembered:
    prediction_id: UUID
    same_body: bool


async def remember(tx: Transaction, owner: str, key: str, body_sha256: bytes, prediction_id: UUID) -> Remembered | None:
    """None if the key is new and now ours; else what it stands for.

    Of many at once the first to insert wins and the others wait for its commit.
    """
    fresh = upsert(keys).values(owner=owner, key=key, body_sha256=body_sha256, prediction_id=prediction_id)
    renewed = fresh.on_conflict_do_update(
        index_elements=["owner", "key"],
        set_={
            "body_sha256": fresh.excluded.body_sha256,
            "prediction_id": fresh.excluded.prediction_id,
            "created_at": func.now(),
        },
        where=keys.c.created_at < func.now() - REMEMBERED,
    )
    if (await tx.execute(renewed.returning(keys.c.key))).first() is not None:
        return None
    return await recall(tx, owner, key, body_sha256)


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
