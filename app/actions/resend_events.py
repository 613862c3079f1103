"""Events sent by hand: a test, one event once more, and all that an endpoint missed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from app.actions.manage_endpoints import found
from app.db import attempts, endpoint_health, missed, notice_lists, notices, predictions
from app.db.attempts import Attempt
from app.db.engine import Database, Transaction
from app.db.notice_lists import Event, EventFilter
from app.domain.endpoints import TEST, Endpoint
from app.domain.errors import EndpointDisabled, EventNotFound

MOST_RESENT = 10_000
SAID = "This is a test. Nothing happened."

Bring = Callable[[Transaction, Endpoint, datetime, int], Awaitable[int]]


async def list_events(database: Database, wanted: EventFilter, *, owner: str | None) -> list[Event]:
    """`owner` None is for those who run the service."""
    async with database.transaction() as tx:
        return await notice_lists.page(tx, wanted, owner=owner)


async def read_event(database: Database, event_id: UUID, *, owner: str | None) -> tuple[Event, list[Attempt]]:
    """With its attempts, oldest first. Raises EventNotFound."""
    async with database.transaction() as tx:
        return await _event(tx, event_id, owner=owner), await attempts.of_notice(tx, event_id)


async def list_attempts(
    database: Database, endpoint_id: UUID, *, owner: str | None, limit: int, before: UUID | None = None
) -> list[Attempt]:
    """Newest first. Raises EndpointNotFound."""
    async with database.transaction() as tx:
        await found(tx, endpoint_id, owner=owner)
        return list(await attempts.at_endpoint(tx, endpoint_id, limit=limit, before=before))


async def send_test_event(database: Database, endpoint_id: UUID, *, owner: str | None) -> Event:
    """Sent once, by a worker. Raises EndpointNotFound, EndpointDisabled."""
    async with database.transaction() as tx:
        endpoint = await _enabled(tx, endpoint_id, owner=owner)
        now = await predictions.time(tx)
        told = {"endpoint_id": endpoint_id, "event": "test", "data": {"id": str(endpoint_id), "message": SAID}}
        (made,) = await notices.add(tx, [told], owner=endpoint.owner, event_type=TEST, now=now)
        await endpoint_health.call_at_once(tx, endpoint_id)
        return await _event(tx, made, owner=owner)


async def resend_event(database: Database, event_id: UUID, *, owner: str | None) -> Event:
    """Under the same `webhook-id`, delivered before or not. Raises EventNotFound, EndpointDisabled."""
    async with database.transaction() as tx:
        event = await _event(tx, event_id, owner=owner)
        if event.endpoint_id is not None:
            await _enabled(tx, event.endpoint_id, owner=owner)
        await notice_lists.send_again(tx, event_id)
        if event.endpoint_id is not None:
            await endpoint_health.call_at_once(tx, event.endpoint_id)
        return await _event(tx, event_id, owner=owner)


async def resend_missed(database: Database, endpoint_id: UUID, since: datetime, *, owner: str | None) -> int:
    """What it was not told of since then, spread over time: events that were given up, and ends of predictions from
    while it was disabled. Returns how many, MOST_RESENT at most. Raises EndpointNotFound, EndpointDisabled."""
    async with database.transaction() as tx:
        await _enabled(tx, endpoint_id, owner=owner)
        await endpoint_health.call_at_once(tx, endpoint_id)
    brought = await _bring(database, missed.send_again, endpoint_id, since, owner=owner, already=0)
    return await _bring(database, missed.owe_untold, endpoint_id, since, owner=owner, already=brought)


async def _bring(
    database: Database, bring: Bring, endpoint_id: UUID, since: datetime, *, owner: str | None, already: int
) -> int:
    count, last = already, missed.AT_ONCE
    while last == missed.AT_ONCE and count < MOST_RESENT:
        async with database.transaction() as tx:
            endpoint = await found(tx, endpoint_id, owner=owner)
            last = await bring(tx, endpoint, since, count)
        count += last
    return count


async def _enabled(tx: Transaction, endpoint_id: UUID, *, owner: str | None) -> Endpoint:
    endpoint = await found(tx, endpoint_id, owner=owner)
    if endpoint.disabled_at is not None:
        raise EndpointDisabled("The endpoint is disabled; enable it first.")
    return endpoint


async def _event(tx: Transaction, event_id: UUID, *, owner: str | None) -> Event:
    event = await notice_lists.find(tx, event_id, owner=owner)
    if event is None:
        raise EventNotFound("There is no such event.")
    return event
