"""Deliveries: every authentic one is kept once, raw, before it is answered."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Integer, Interval, Select, Text, Uuid, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import changes, tallies
from app.db.engine import Transaction
from app.db.tables import deliveries, predictions, tombstones
from app.db.tallies import Tally

Verdict = Literal["applied", "duplicate", "orphan", "deleted", "unreadable", "set_aside"]


@dataclass(frozen=True, slots=True)
class Delivery:
    id: UUID
    provider: str
    provider_id: str | None
    body: bytes
    webhook_id: str | None = None

    @property
    def identity(self) -> bytes:
        """What makes two deliveries the same: the sender's `webhook-id`, else prediction and body.

        Where the body counts, it begins with the first time that the body names, to the hour, so that those of a day
        lie together in their index. By their hash alone each is written to a leaf of its own: with five million of
        them 14 KB of write-ahead log for one of 1.2 (full page writes).
        """
        parts = [b"id", self.webhook_id.encode()] if self.webhook_id else [(self.provider_id or "").encode(), self.body]
        digest = hashlib.sha224()
        for part in parts:
            digest.update(len(part).to_bytes(8) + part)
        return _hour(b"" if self.webhook_id else self.body) + digest.digest()


@dataclass(frozen=True, slots=True)
class Kept:
    """A delivery as it lies in the inbox. `trouble` is why it was set aside, `copies` how often it came again."""

    id: UUID
    provider: str
    provider_id: str | None
    prediction_id: UUID | None
    body: bytes = field(repr=False)
    received_at: datetime
    applied_at: datetime | None
    trouble: str | None
    copies: int = 0
    last_copy_at: datetime | None = None

    @property
    def verdict(self) -> Literal["applied", "waiting", "set_aside"]:
        if self.trouble:
            return "set_aside"
        return "applied" if self.applied_at else "waiting"


_TIME = re.compile(rb"(20\d\d)-(\d\d)-(\d\d)T(\d\d)")


def _hour(body: bytes) -> bytes:
    """2026112207 in four bytes; of a body without a time zeros."""
    found = _TIME.search(body)
    return (int(b"".join(found.groups())) if found else 0).to_bytes(4)


async def keep(tx: Transaction, delivery: Delivery, *, trouble: str | None = None) -> datetime | None:
    """The time at which it was kept; None if it is here already, or is of a deleted prediction.

    A copy that arrives while the first is being kept waits for that one's commit.
    """
    given = {name: getattr(delivery, name) for name in _GIVEN if name != "trouble"}
    received_at: datetime | None = (await tx.execute(_KEEP, {**given, "trouble": trouble})).scalar_one_or_none()
    return received_at


async def count_copy(tx: Transaction, delivery: Delivery) -> bool:
    """False if it is not here."""
    same = (deliveries.c.provider == delivery.provider, deliveries.c.identity == delivery.identity)
    counted = update(deliveries).where(*same).values(copies=deliveries.c.copies + 1, last_copy_at=func.now())
    return bool((await tx.execute(counted)).rowcount)


async def forget(tx: Transaction, provider: str, provider_id: str) -> int:
    """Removes the deliveries that speak of it, as if they had never come. Returns how many they were."""
    spoken = (deliveries.c.provider == provider, deliveries.c.provider_id == provider_id)
    return int((await tx.execute(delete(deliveries).where(*spoken))).rowcount)


_GIVEN = ("id", "provider", "identity", "provider_id", "body", "trouble")
_BURIED = select(tombstones.c.prediction_id).where(
    tombstones.c.provider == bindparam("provider", type_=Text),
    tombstones.c.provider_id == bindparam("provider_id", type_=Text),
)
_KEEP = (
    upsert(deliveries)
    .from_select(
        list(_GIVEN),
        select(*(bindparam(name, type_=deliveries.c[name].type) for name in _GIVEN)).where(~_BURIED.exists()),
    )
    .on_conflict_do_nothing()
    .returning(deliveries.c.received_at, changes.telling_of_delivery(deliveries.c.id))
)
"""Made once: composing it costs as much as running it."""


async def mark_applied(tx: Transaction, delivery_id: UUID, prediction_id: UUID) -> None:
    await tx.execute(_APPLIED, {"delivery": delivery_id, "subject": prediction_id})
    judge(tx, "applied")


_APPLIED = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"))
    .values(prediction_id=bindparam("subject", type_=Uuid), applied_at=func.now(), trouble=None)
    .returning(changes.telling_of_delivery(deliveries.c.id))
)


async def mark_trouble(tx: Transaction, delivery_id: UUID, trouble: str) -> None:
    """Set aside: kept for people to look at, no longer tried."""
    aside = update(deliveries).where(deliveries.c.id == delivery_id).values(trouble=trouble)
    await tx.execute(aside.returning(changes.telling_of_delivery(deliveries.c.id)))
    judge(tx, "set_aside")


def judge(tx: Transaction, verdict: Verdict) -> None:
    """Counts a delivery. An early one counts as an orphan when it comes, and as applied later."""
    tallies.add(tx, Tally("deliveries", (verdict,)))


_IS_WAITING = and_(deliveries.c.applied_at.is_(None), deliveries.c.trouble.is_(None))


async def unapplied(tx: Transaction, provider: str, provider_id: str) -> list[Delivery]:
    """Kept for one prediction of the provider and not yet applied, oldest first."""
    return await _read(tx, _UNAPPLIED, {"named": provider, "known_as": provider_id})


async def matchable(tx: Transaction, *, since: timedelta | None = None, limit: int = 100) -> list[Delivery]:
    """Those that wait and whose prediction is known, oldest first; with `since`, of that time alone."""
    return await _read(tx, _MATCHABLE if since is None else _RECENT, {"most": limit, "since": since})


async def lock_waiting(tx: Transaction, delivery_id: UUID) -> bool:
    """False if it waits no more, or somebody is at it."""
    return (await tx.execute(_WAITING_ONE, {"delivery": delivery_id})).first() is not None


async def _read(tx: Transaction, query: Select[Any], given: Mapping[str, Any]) -> list[Delivery]:
    return [Delivery(**row) for row in (await tx.execute(query, given)).mappings()]


_WAITING_ONE = (
    select(deliveries.c.id)
    .where(deliveries.c.id == bindparam("delivery"), _IS_WAITING)
    .with_for_update(skip_locked=True)
)
_WAITING = (
    select(deliveries.c.id, deliveries.c.provider, deliveries.c.provider_id, deliveries.c.body)
    .where(_IS_WAITING)
    .order_by(deliveries.c.id)
)
_UNAPPLIED = _WAITING.where(
    deliveries.c.provider == bindparam("named"), deliveries.c.provider_id == bindparam("known_as")
)
_SAME = and_(predictions.c.provider == deliveries.c.provider, predictions.c.provider_id == deliveries.c.provider_id)
_MATCHABLE = _WAITING.join(predictions, _SAME).limit(bindparam("most", type_=Integer))
_RECENT = _MATCHABLE.where(deliveries.c.received_at > func.now() - bindparam("since", type_=Interval))

_KEPT = (
    "id",
    "provider",
    "provider_id",
    "prediction_id",
    "body",
    "received_at",
    "applied_at",
    "trouble",
    "copies",
    "last_copy_at",
)


async def of_prediction(tx: Transaction, prediction_id: UUID) -> list[Kept]:
    """Those that were applied to it, oldest first."""
    query = _kept().where(deliveries.c.prediction_id == prediction_id).order_by(deliveries.c.id)
    return [Kept(**row) for row in (await tx.execute(query)).mappings()]


async def latest(tx: Transaction, *, limit: int, only_pending: bool = False, before: UUID | None = None) -> list[Kept]:
    """Newest first, older than `before`; with `only_pending` those that no prediction has got yet: early, orphaned or
    set aside."""
    query = _kept().order_by(deliveries.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(deliveries.c.id < before)
    if only_pending:
        query = query.where(deliveries.c.applied_at.is_(None))
    return [Kept(**row) for row in (await tx.execute(query)).mappings()]


async def several(tx: Transaction, ids: Sequence[UUID]) -> list[Kept]:
    """Those of them that there are, oldest first."""
    query = _kept().where(deliveries.c.id.in_(ids)).order_by(deliveries.c.id)
    return [Kept(**row) for row in (await tx.execute(query)).mappings()]


async def find(tx: Transaction, delivery_id: UUID) -> Kept | None:
    row = (await tx.execute(_kept().where(deliveries.c.id == delivery_id))).mappings().one_or_none()
    return None if row is None else Kept(**row)


def _kept() -> Select[Any]:
    return select(*(deliveries.c[name] for name in _KEPT))
