"""Deliveries: every authentic one is kept once, raw, before it is answered."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import deliveries, predictions


@dataclass(frozen=True, slots=True)
class Delivery:
    id: UUID
    provider: str
    provider_id: str | None
    body: bytes
    webhook_id: str | None = None

    @property
    def identity(self) -> bytes:
        """What makes two deliveries the same: the sender's `webhook-id`, else prediction and body."""
        parts = [b"id", self.webhook_id.encode()] if self.webhook_id else [(self.provider_id or "").encode(), self.body]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(len(part).to_bytes(8) + part)
        return digest.digest()


async def keep(tx: Transaction, delivery: Delivery, *, trouble: str | None = None) -> bool:
    """False if it is here already. A copy that arrives while the first is being kept waits for that one's commit."""
    statement = upsert(deliveries).values(
        id=delivery.id,
        provider=delivery.provider,
        identity=delivery.identity,
        provider_id=delivery.provider_id,
        body=delivery.body,
        trouble=trouble,
    )
    return (await tx.execute(statement.on_conflict_do_nothing())).rowcount == 1


async def mark_applied(tx: Transaction, delivery_id: UUID, prediction_id: UUID) -> None:
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(prediction_id=prediction_id, applied_at=func.now(), trouble=None)
    )


async def mark_trouble(tx: Transaction, delivery_id: UUID, trouble: str) -> None:
    """Set aside: kept for people to look at, no longer tried."""
    await tx.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(trouble=trouble))


async def unapplied(tx: Transaction, provider: str, provider_id: str) -> list[Delivery]:
    """Kept for one prediction of the provider and not yet applied, oldest first."""
    query = _waiting().where(deliveries.c.provider == provider, deliveries.c.provider_id == provider_id)
    return await _read(tx, query)


async def matchable(tx: Transaction, limit: int = 100) -> list[Delivery]:
    """Early deliveries whose prediction has appeared since."""
    same = and_(predictions.c.provider == deliveries.c.provider, predictions.c.provider_id == deliveries.c.provider_id)
    return await _read(tx, _waiting().join(predictions, same).limit(limit))


def _waiting() -> Select[Any]:
    columns = (deliveries.c.id, deliveries.c.provider, deliveries.c.provider_id, deliveries.c.body)
    pending = and_(deliveries.c.applied_at.is_(None), deliveries.c.trouble.is_(None))
    return select(*columns).where(pending).order_by(deliveries.c.id)


async def _read(tx: Transaction, query: Select[Any]) -> list[Delivery]:
    return [Delivery(**row) for row in (await tx.execute(query)).mappings()]
