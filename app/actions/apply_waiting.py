"""Kept deliveries whose prediction is known by now: those that came before it was, and those of a rush (`intake`)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from app.actions.apply_delivery import apply_delivery, or_set_aside
from app.db import inbox
from app.db.engine import Database, Transaction
from app.db.inbox import Delivery
from app.domain.ports import Providers, UnreadableDelivery

AT_ONCE = 4
MOST = 200
RECENTLY = timedelta(minutes=2)


async def apply_recent(database: Database, providers: Providers) -> int:
    """Until none is left of those that came in the last minutes. Returns how many there were."""
    return await _apply_all(database, providers, since=RECENTLY)


async def apply_waiting(database: Database, providers: Providers) -> int:
    """The same, however long ago they came."""
    return await _apply_all(database, providers, since=None)


async def _apply_all(database: Database, providers: Providers, *, since: timedelta | None) -> int:
    count = 0
    while True:
        async with database.alone() as tx:
            waiting = await inbox.matchable(tx, since=since, limit=MOST)
        done = await _apply(database, providers, waiting)
        count += done
        if len(waiting) < MOST or not done:
            return count


async def _apply(database: Database, providers: Providers, waiting: Sequence[Delivery]) -> int:
    """Several predictions at once, the deliveries of each in their order."""
    lanes: list[list[Delivery]] = [[] for _ in range(AT_ONCE)]
    for delivery in waiting:
        lanes[hash((delivery.provider, delivery.provider_id)) % AT_ONCE].append(delivery)
    return sum(await asyncio.gather(*(_in_turn(database, providers, lane) for lane in lanes)))


async def _in_turn(database: Database, providers: Providers, deliveries: Sequence[Delivery]) -> int:
    return sum([await _apply_one(database, providers, each) for each in deliveries])


async def _apply_one(database: Database, providers: Providers, delivery: Delivery) -> bool:
    """False if another worker has it or an earlier one, or its provider is none of ours any more."""
    provider = providers.get(delivery.provider)
    if provider is None:
        return False

    async def apply(tx: Transaction) -> bool:
        if not await inbox.lock_waiting(tx, delivery.id):
            return False
        try:
            report = provider.read_delivery(delivery.body)
        except UnreadableDelivery:
            await inbox.mark_trouble(tx, delivery.id, "unreadable")
            return True
        return await apply_delivery(tx, provider, delivery, report) == "applied"

    return await or_set_aside(database, delivery, apply, otherwise=True)
