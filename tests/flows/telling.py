"""Endpoints and their receivers, for tests; predictions that begin and end without a provider."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from app.db import predictions
from app.db.engine import Database
from app.domain.prediction import Prediction, Stage, Status
from tests.db.rows import change, new_row
from tests.emulator.receiver import Receiver
from tests.house import House

OWNER = "development"
NOBODY_ELSE = timedelta(days=1)


async def endpoint(house: House, url: str, *events: str, **more: Any) -> dict[str, Any]:
    answer = await house.client.post("/api/webhook-endpoints", json={"url": url, "events": list(events), **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def told(database: Database, count: int = 1, status: Status = Status.SUCCEEDED) -> list[Prediction]:
    """Predictions that have begun and ended now: two events each."""
    side_by_side = asyncio.Semaphore(5)

    async def one() -> Prediction:
        async with side_by_side:
            begun = await begin(database)
            done = {"stage": Stage.DONE, "status": status, "work": None, "completed_at": begun.created_at}
            return await change(database, begun, **done)

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def begin(database: Database) -> Prediction:
    async with database.transaction() as tx:
        made = new_row(await predictions.time(tx), due_in=NOBODY_ELSE, owner=OWNER)
        await predictions.add(tx, made)
    return await change(database, made, stage=Stage.RUNNING, status=Status.PROCESSING)


async def hurry(house: House) -> None:
    """Whatever waits for its next attempt waits no longer; what is being attempted is left alone."""
    concluded = "attempts = (SELECT count(*) FROM webhook_attempts WHERE notice_id = notices.id)"
    await house.rows(f"UPDATE notices SET due_at = now() WHERE due_at > now() AND {concluded} RETURNING 1")
    await house.rows("UPDATE webhook_endpoints SET paused_until = NULL RETURNING 1")


def types(receiver: Receiver) -> list[str]:
    return [delivery.json["type"] for delivery in receiver.deliveries]


def accepted(receiver: Receiver) -> Iterable[dict[str, Any]]:
    return (delivery.json for delivery in receiver.deliveries if 200 <= delivery.status_answered < 300)
