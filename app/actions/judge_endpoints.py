"""Endpoints that have failed for days: their owners are warned, and then they are disabled."""

from typing import Any
from uuid import UUID

import structlog

from app.db import endpoint_health, endpoints, notices, predictions
from app.db.engine import Database, Transaction
from app.domain.endpoints import DISABLED, FAILING, DisabledReason, Endpoint, Patience

log = structlog.get_logger()


async def judge_endpoints(database: Database, patience: Patience) -> int:
    """Returns how many were disabled."""
    if not patience.days:
        return 0
    async with database.transaction() as tx:
        for endpoint_id in await endpoint_health.to_warn_of(tx, patience.warning_days):
            endpoint = await endpoints.find(tx, endpoint_id)
            if endpoint is not None:
                await _tell_others(tx, endpoint, FAILING, "fails", {"disabled_after_days": patience.days})
    async with database.transaction() as tx:
        failing = await endpoint_health.failing_for(tx, patience.days)
    return sum([await disable_endpoint(database, each, DisabledReason.FAILING) for each in failing])


async def disable_endpoint(database: Database, endpoint_id: UUID, reason: DisabledReason) -> bool:
    """What it was owed stays undelivered until somebody sends it again. False if it is disabled, or gone, already."""
    async with database.transaction() as tx:
        if not await endpoint_health.disable(tx, endpoint_id, reason):
            return False
        endpoint = await endpoints.find(tx, endpoint_id)
        if endpoint is not None and reason is not DisabledReason.OWNER:
            await _tell_others(tx, endpoint, DISABLED, "disabled", {"reason": reason.value})
    async with database.transaction() as tx:  # its own, since attempts lock a notice first and then the endpoint
        await notices.park(tx, endpoint_id)
    return True


async def _tell_others(tx: Transaction, endpoint: Endpoint, event: str, word: str, more: dict[str, Any]) -> None:
    """The owner's other endpoints, and the log. The URL may be a secret, so it is not told."""
    log.warning(f"webhook endpoint {word}", endpoint_id=str(endpoint.id), owner=endpoint.owner, **more)
    others = [each for each in await endpoints.following(tx, endpoint.owner, event) if each != endpoint.id]
    since = endpoint.failing_since and endpoint.failing_since.isoformat()
    data = {"id": str(endpoint.id), "description": endpoint.description, "failing_since": since, **more}
    told = [{"endpoint_id": each, "event": event, "data": data} for each in others]
    await notices.add(tx, told, owner=endpoint.owner, event_type=event, now=await predictions.time(tx))
