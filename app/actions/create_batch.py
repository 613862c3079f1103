"""A batch: many predictions admitted together or not at all, with one hold for each."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from app.actions.admission import Admission, Draw, admitted
from app.actions.apply_report import log_generation
from app.actions.check_pictures import hold_uploads
from app.actions.draft_prediction import draft
from app.actions.price_order import Priced, price_order, within
from app.db import batches, idempotency, predictions, unfinished
from app.db.engine import Database, Transaction
from app.db.idempotency import Naming, Remembered
from app.domain.caller import Caller
from app.domain.errors import BatchNotFound, DarkroomError, IdempotencyConflict
from app.domain.ids import uuid7
from app.domain.order import Order
from app.domain.prediction import Prediction

CHECKS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Batch:
    """In the order in which they were asked for."""

    id: UUID
    predictions: list[Prediction]


async def create_batch(
    admission: Admission, orders: Sequence[Order], *, caller: Caller, idempotency_key: str | None = None
) -> Batch:
    """The new batch, or as it is now the one that the key already names. Raises what `create_prediction` does; a
    problem names its prediction by number, and then none of them is stored."""
    fingerprint = hashlib.sha256(b"".join(order.fingerprint for order in orders)).digest()
    if idempotency_key is not None:
        async with admission.database.transaction() as tx:
            known = await idempotency.recall(tx, caller.owner, idempotency_key, fingerprint)
            if known is not None:
                return await _named(tx, known, caller.owner)
    await admission.space.require()
    priced = await _priced(admission, orders, caller)
    batch = await admitted(admission.database, lambda: _create(admission, priced, caller, idempotency_key, fingerprint))
    for prediction in batch.predictions:
        log_generation(None, prediction)
    return batch


async def read_batch(database: Database, batch_id: UUID, *, owner: str) -> Batch:
    """Raises BatchNotFound."""
    async with database.transaction() as tx:
        found = await batches.load(tx, batch_id, owner)
    if found is None:
        raise BatchNotFound("There is no such batch.")
    return Batch(batch_id, found)


async def _priced(admission: Admission, orders: Sequence[Order], caller: Caller) -> list[Priced]:
    """A few at a time, since a moderator may be far away. Raises what the first of them raises that is refused."""
    turns = asyncio.Semaphore(CHECKS_AT_ONCE)
    found = await asyncio.gather(
        *(_one(admission, order, caller, number, turns) for number, order in enumerate(orders)), return_exceptions=True
    )
    priced = []
    for each in found:
        if isinstance(each, BaseException):
            raise each
        priced.append(each)
    return priced


async def _one(admission: Admission, order: Order, caller: Caller, number: int, turns: asyncio.Semaphore) -> Priced:
    try:
        async with turns:
            return await price_order(admission, order, caller)
    except DarkroomError as trouble:
        trouble.problems = within(f"predictions.{number}", trouble.problems)
        raise


async def _create(
    admission: Admission, priced: Sequence[Priced], caller: Caller, idempotency_key: str | None, fingerprint: bytes
) -> Batch:
    async with admission.database.transaction() as tx:
        now = await predictions.time(tx)
        batch_id = uuid7(now)
        ids = sorted(uuid7(now) for _ in priced)  # within a millisecond they are not in the order of their making
        drafts = [draft(each, caller, now, admission) for each in priced]
        members = [replace(each, id=own, batch_id=batch_id) for each, own in zip(drafts, ids, strict=True)]
        naming = idempotency_key and Naming(idempotency_key, fingerprint, batch_id)
        if naming and not await idempotency.remember(tx, caller.owner, naming):
            taken = await idempotency.recall(tx, caller.owner, naming.key, fingerprint)
            return await _named(tx, taken, caller.owner)
        await batches.add(tx, batch_id, caller.owner)
        draw = Draw.of(admission.budgets, caller, now, admission.spent)
        await draw.refuse_hopeless(tx, sum((each.held for each in members), Decimal(0)))
        await unfinished.admit(tx, caller, default=admission.max_unfinished, count=len(members))
        await hold_uploads(tx, *members)
        await draw.check(tx, await predictions.add(tx, *members))
    return Batch(batch_id, members)


async def _named(tx: Transaction, known: Remembered | None, owner: str) -> Batch:
    found = await batches.load(tx, known.prediction_id, owner) if known and known.same_body else None
    if known is None or found is None:
        raise IdempotencyConflict("This Idempotency-Key was used before for something else; use a new key.")
    return Batch(known.prediction_id, found)
