"""Guard: is this create an earlier one again, whose client had gone before its answer (`domain.handovers`)?"""

import hashlib
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from app.db import handovers, predictions
from app.db.engine import Database, Transaction
from app.domain.caller import Caller
from app.domain.handovers import Buy, Take, Verdict, Wait, Watch
from app.domain.order import Order
from app.domain.prediction import Prediction, Status


def identity_of(caller: Caller, order: Order) -> bytes:
    """The same for the same key, face and body."""
    whose = f"{caller.owner}\0{caller.key_id}\0{order.face}\0".encode()
    return hashlib.sha256(whose + order.fingerprint).digest()


async def register(
    database: Database, identity: bytes, process: UUID, *, elapsed: timedelta, within: timedelta
) -> tuple[Watch, bool]:
    """Before anything is bought; it arrived `elapsed` ago. And whether it is alone, with nothing to wait for."""
    async with database.transaction() as tx:
        own, arrived_at = await handovers.register(tx, identity, process, elapsed)
        others, _ = await handovers.others(tx, identity, own, arrived_at=arrived_at, within=within)
    return Watch(own, process, arrived_at), not others


async def judge(
    database: Database, identity: bytes, watch: Watch, *, is_gone: bool, within: timedelta, owner: str
) -> Verdict | Prediction:
    """What to do next; or the prediction that is ours now. Those who only wait stand in nobody's way."""
    async with database.transaction() as tx:
        others, now = await handovers.others(tx, identity, watch.id, arrived_at=watch.arrived_at, within=within)
        if isinstance(verdict := watch.judge(others, now, is_gone=is_gone), Wait):
            return verdict
        await handovers.lock(tx, identity)
        others, now = await handovers.others(tx, identity, watch.id, arrived_at=watch.arrived_at, within=within)
        verdict = watch.judge(others, now, is_gone=is_gone)
        if isinstance(verdict, Take):
            return await _taken(tx, watch.id, verdict.id, owner) or Wait()
        if isinstance(verdict, Buy) and not await handovers.void(tx, verdict.void):
            return Wait()
        return verdict


async def lose(database: Database, own: int) -> None:
    """Its client has gone; whoever asks again need not wait for more."""
    async with database.transaction() as tx:
        await handovers.lose(tx, own)


async def end(database: Database, own: int, *, answered: bool) -> None:
    async with database.transaction() as tx:
        await handovers.end(tx, own, answered=answered)


async def beat(database: Database, ids: Collection[int]) -> None:
    """That these creates of this process are as they were."""
    async with database.transaction() as tx:
        await handovers.beat(tx, ids)


async def _taken(tx: Transaction, own: int, other: int, owner: str) -> Prediction | None:
    """None for what was canceled or deleted since: whoever did that does not ask for it again."""
    prediction_id = await handovers.take(tx, own, other)
    found = prediction_id and await predictions.load(tx, prediction_id, owner=owner)
    if not found or found.status is Status.CANCELED:
        await handovers.bought(tx, own, None)
        return None
    return found
