"""Those who wait are told: streams, the client's own webhook, the receipt."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from app.domain.notices import PAUSES, pause_after, signed_headers
from tests.emulator.receiver import Receiver
from tests.house import House, eventually, eventually_async


async def events(house: House, prediction_id: str, **headers: str) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    path = f"/api/predictions/{prediction_id}/events"
    async with house.client.stream("GET", path, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        version = 0
        async for line in stream.aiter_lines():
            if line.startswith("id: "):
                version = int(line[4:])
            if line.startswith("data: "):
                yield version, json.loads(line[6:])


async def test_a_stream_tells_every_state_forwards_and_ends_with_the_last(house: House) -> None:
    created = (await house.create()).json()
    seen = [event async for event in events(house, created["id"])]
    versions = [version for version, _ in seen]
    assert versions == sorted(set(versions))
    assert seen[-1][1] == await house.final(created["id"])
    assert all("client_token" not in view for _, view in seen)


async def test_who_comes_back_gets_only_what_he_has_not_seen(house: House) -> None:
    created = (await house.create()).json()
    seen = [event async for event in events(house, created["id"])]
    earlier, last = seen[0][0], seen[-1][0]
    again = [event async for event in events(house, created["id"], **{"last-event-id": str(earlier)})]
    assert again == [seen[-1]]
    path = f"/api/predictions/{created['id']}/events"
    assert (await house.client.get(path, headers={"last-event-id": str(last)})).status_code == 204


async def test_a_browser_follows_its_prediction_with_the_client_token_alone(house: House) -> None:
    created = (await house.create()).json()
    path = f"/api/predictions/{created['id']}/events"
    assert (await house.client.get(f"{path}?token={created['client_token']}")).status_code == 200
    assert (await house.client.get(f"{path}?token=ct_wrong")).status_code == 404


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    door = Receiver()
    yield door
    door.close()


async def test_a_client_s_webhook_is_told_of_start_and_end_signed_by_standard_webhooks(
    house: House, receiver: Receiver
) -> None:
    body = {"model": "truefusion-pro", "input": {"prompt": "a fox"}, "webhook": receiver.url}
    created = (await house.client.post("/api/predictions", json=body)).json()
    final = await house.final(created["id"])
    await eventually(lambda: len(receiver.deliveries) >= 2)
    secret = (await house.client.get("/api/webhook-secret")).json()["key"]

    told = {json.loads(each.body)["type"]: each for each in receiver.deliveries}
    assert set(told) == {"prediction.started", "prediction.succeeded"}
    assert json.loads(told["prediction.succeeded"].body)["data"] == final
    for each in receiver.deliveries:
        Webhook(secret).verify(each.body, each.headers)
        assert "client_token" not in each.body.decode()


async def test_the_filter_leaves_the_start_out(house: House, receiver: Receiver) -> None:
    body = {
        "model": "truefusion-pro",
        "input": {"prompt": "a fox"},
        "webhook": receiver.url,
        "webhook_events_filter": ["completed"],
    }
    created = (await house.client.post("/api/predictions", json=body)).json()
    await house.final(created["id"])
    await eventually(lambda: len(receiver.deliveries) >= 1)
    rows = await house.rows("SELECT event FROM notices")
    assert [row["event"] for row in rows] == ["completed"]


async def test_a_failing_webhook_is_tried_again_under_the_same_id(house: House, receiver: Receiver) -> None:
    receiver.answers = [500]
    body = {
        "model": "truefusion-pro",
        "input": {"prompt": "a fox"},
        "webhook": receiver.url,
        "webhook_events_filter": ["completed"],
    }
    created = (await house.client.post("/api/predictions", json=body)).json()
    await house.final(created["id"])
    await eventually(lambda: len(receiver.deliveries) == 1)
    await house.rows("UPDATE notices SET due_at = now() RETURNING 1")
    await eventually(lambda: len(receiver.deliveries) == 2)
    first, second = receiver.deliveries
    assert first.headers["webhook-id"] == second.headers["webhook-id"]

    async def delivered() -> bool:
        return bool(await house.rows("SELECT 1 FROM notices WHERE delivered_at IS NOT NULL AND due_at IS NULL"))

    await eventually_async(delivered)


def test_a_signature_is_the_one_of_the_standard() -> None:
    """The vector of its specification's libraries, by their low-level sign function."""
    key = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
    headers = signed_headers(UUID(int=1), b'{"id":"p1"}', key, datetime.fromtimestamp(1_700_000_000, UTC))
    content = f"{headers['webhook-id']}.1700000000.".encode() + b'{"id":"p1"}'
    digest = hmac.digest(b"0123456789abcdef01234567", content, hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_retries_last_about_a_day_and_then_end() -> None:
    total = sum((pause_after(attempt, 0.0) or PAUSES[0] for attempt in range(1, len(PAUSES) + 1)), PAUSES[0] * 0)
    assert 23 <= total.total_seconds() / 3600 <= 25
    assert pause_after(len(PAUSES) + 1, 0.5) is None


async def test_a_receipt_tells_the_whole_life_in_order_and_no_secret(house: House) -> None:
    created = (await house.create()).json()
    await house.final(created["id"])
    receipt = (await house.client.get(f"/api/predictions/{created['id']}/receipt")).json()
    kinds = [entry["kind"] for entry in receipt["timeline"]]
    assert kinds[0] == "created"
    assert {"asked", "answered", "changed", "delivery", "transfer"} <= set(kinds)
    times = [entry["at"] for entry in receipt["timeline"]]
    assert times == sorted(times)
    (row,) = await house.rows("SELECT callback_token, client_token FROM predictions")
    assert row["callback_token"] not in json.dumps(receipt)
    assert row["client_token"] not in json.dumps(receipt)
