"""The webhook door in a rush: kept together, acknowledged once durable, applied by a worker a moment later."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.actions.apply_waiting import apply_recent
from app.actions.intake import RUSH, Intake
from app.bootstrap import open_services
from app.db.inbox import Delivery
from tests.house import House
from tests.web.problems import assert_problem
from tests.web.steps import callback_token, sold, state


@pytest.fixture
async def rushed(standing: House) -> AsyncIterator[House]:
    """So many orphans come that it is one."""
    await asyncio.gather(*(standing.deliver({"id": f"orphan-{uuid4()}", "status": "processing"}) for _ in range(RUSH)))
    yield standing


async def many(house: House, provider_ids: list[str], status: str = "processing") -> list[httpx.Response]:
    return await asyncio.gather(*(house.deliver({"id": each, "status": status}) for each in provider_ids))


async def known(house: House, count: int) -> list[str]:
    ids = [str((await house.create()).json()["id"]) for _ in range(count)]
    for each in ids:
        await sold(house, each, each)
    return ids


async def rows(house: House, provider_ids: list[str]) -> list[dict[str, Any]]:
    return await house.rows(
        "SELECT provider_id, copies, applied_at IS NOT NULL AS is_applied FROM deliveries WHERE provider_id = ANY($1)",
        provider_ids,
    )


async def test_all_are_kept_before_they_are_acknowledged_and_soon_applied(standing: House) -> None:
    ids = await known(standing, 6)
    strangers = [f"stranger-{uuid4()}" for _ in range(RUSH)]
    answers = await many(standing, strangers + ids)
    assert [each.json() for each in answers] == [{"received": True, "matched": False}] * RUSH + [
        {"received": True}
    ] * len(ids)
    assert len(await rows(standing, strangers + ids)) == RUSH + len(ids)

    assert not any(each["is_applied"] for each in await rows(standing, strangers))
    async with open_services(standing.settings) as worker:
        await apply_recent(worker.database, worker.providers)
    assert all(each["is_applied"] for each in await rows(standing, ids))
    assert {(await state(standing, each))["status"] for each in ids} == {"processing"}


async def test_what_comes_after_a_rush_waits_behind_what_was_answered_in_it(standing: House) -> None:
    (one,) = await known(standing, 1)
    canceled = Delivery(uuid4(), "skytells", one, json.dumps({"id": one, "status": "canceled"}).encode())
    async with open_services(standing.settings) as worker:
        assert (await Intake(worker.database).keep(canceled)).is_known
        assert (await standing.deliver({"id": one, "status": "failed"})).json() == {"received": True}
        assert [each["is_applied"] for each in await rows(standing, [one])] == [False, False]

        while not all(each["is_applied"] for each in await rows(standing, [one])):
            await apply_recent(worker.database, worker.providers)
    assert (await state(standing, one))["status"] == "canceled"


async def test_a_copy_is_told_so_and_counted_once_for_each_time_it_came(rushed: House) -> None:
    (one,) = await known(rushed, 1)
    answers = await many(rushed, [one] * 5)
    told = sorted(json.dumps(each.json(), sort_keys=True) for each in answers)
    assert told == ['{"duplicate": true, "received": true}'] * 4 + ['{"received": true}']
    assert [each["copies"] for each in await rows(rushed, [one])] == [4]


async def test_a_forged_one_an_unreadable_one_and_an_unknown_provider_are_answered_as_ever(rushed: House) -> None:
    forged = await rushed.client.post("/api/webhooks", content=b"{}", headers={"x-skytells-signature": "0" * 64})
    assert_problem(forged, 401, "invalid_signature")
    assert_problem(await rushed.deliver(b"[1, 2]"), 400, "unreadable_delivery")
    assert_problem(await rushed.deliver({"id": "x"}, path="/api/webhooks/nobody"), 404, "not_found")
    doubled = [("x-skytells-signature", "0" * 64)] * 2
    assert_problem(await rushed.client.post("/api/webhooks", content=b"{}", headers=doubled), 401, "invalid_signature")


async def test_one_that_only_its_token_matches_is_applied_at_once(rushed: House) -> None:
    made = (await rushed.create()).json()["id"]
    token = await callback_token(rushed, made)
    answer = await rushed.deliver({"id": "early-1", "status": "processing"}, path=f"/api/webhooks/skytells?t={token}")
    assert answer.json() == {"received": True}
    assert (await state(rushed, made))["status"] == "processing"


async def test_one_of_a_deleted_prediction_is_not_kept(rushed: House) -> None:
    gone = str(uuid4())
    await rushed.rows(
        "INSERT INTO tombstones (prediction_id, provider, provider_id) VALUES ($1, 'skytells', $2)", uuid4(), gone
    )
    (answer,) = await many(rushed, [gone])
    assert answer.json() == {"received": True, "matched": False}
    assert await rows(rushed, [gone]) == []


async def test_it_answers_with_the_headers_that_everything_has(rushed: House) -> None:
    quick, slow = (await many(rushed, [f"orphan-{uuid4()}"]))[0], await rushed.deliver(b"[]")
    assert set(quick.headers) == set(slow.headers) - {"cache-control"}
    sent = await rushed.deliver({"id": f"orphan-{uuid4()}", "status": "processing"}, **{"x-request-id": "mine-1"})
    assert sent.headers["x-request-id"] == "mine-1"
