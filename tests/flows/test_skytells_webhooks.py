"""A webhook that was asked for by Skytells' face: in each of its four forms, its body, and who can verify it."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from app.domain.notices import face_headers
from tests.emulator.receiver import Receiver
from tests.house import House, eventually, eventually_async

ORDER: dict[str, Any] = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}}
BOTH = {"started", "succeeded"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    door = Receiver()
    yield door
    door.close()


async def asked(house: House, webhook: Any, **more: Any) -> dict[str, Any]:
    body = ORDER | {"webhook": webhook} | more
    answer = await house.client.post("/skytells/v1/predictions", json=body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def told(house: House, receiver: Receiver, created: dict[str, Any]) -> set[str]:
    """The statuses of all that was owed."""
    await house.final(created["id"])

    async def all_delivered() -> bool:
        return not await house.rows("SELECT 1 FROM notices WHERE delivered_at IS NULL")

    await eventually_async(all_delivered)
    return set(receiver.statuses)


async def test_the_body_is_the_prediction_and_is_signed_in_both_ways(house: House, receiver: Receiver) -> None:
    created = await asked(house, {"url": receiver.url, "events": ["completed"]})
    assert created["webhook"] == {"url": receiver.url, "events": ["completed"]}
    assert await told(house, receiver, created) == {"succeeded"}
    (delivery,) = receiver.deliveries
    secret = (await house.client.get("/api/webhook-secret")).json()["key"]
    assert delivery.signature == hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    Webhook(secret).verify(delivery.body, delivery.headers)
    assert delivery.json == (await house.client.get(f"/skytells/v1/predictions/{created['id']}")).json()
    (row,) = await house.rows("SELECT callback_token, client_token FROM predictions")
    assert not any(token in delivery.body.decode() for token in row.values())


def test_the_signature_is_the_one_that_their_sdk_expects() -> None:
    """By any HMAC tool: the body, keyed with a text."""
    body = b'{"id":"p","status":"succeeded"}'
    expected = "e316cf793c156e6e74c7a4bd5a67995ef95712d0c5986207b44e0e69a0adc90e"
    assert face_headers("skytells", body, "sk-test") == {"x-skytells-signature": expected}
    assert face_headers(None, body, "sk-test") == {}


async def test_a_start_is_told_as_it_was_however_late(house: House, receiver: Receiver) -> None:
    receiver.answers = [500]
    created = await asked(house, {"url": receiver.url, "events": ["started"]})
    await house.final(created["id"])
    await eventually(lambda: len(receiver.deliveries) == 1)
    await house.rows("UPDATE notices SET due_at = now() RETURNING 1")
    await eventually(lambda: len(receiver.deliveries) == 2)
    late = receiver.deliveries[-1].json
    assert (late["status"], late["output"], late["completed_at"]) == ("started", None, None)


@pytest.mark.parametrize(
    ("events", "statuses"),
    [
        ([], BOTH),
        (["started", "completed"], BOTH),
        (["prediction.started", "prediction.failed"], {"started"}),
        (["prediction.succeeded"], {"succeeded"}),
        (["failed", "canceled", "prediction.cancelled"], set()),
    ],
)
async def test_events_of_an_object(house: House, receiver: Receiver, events: list[str], statuses: set[str]) -> None:
    created = await asked(house, {"url": receiver.url, "events": events})
    assert await told(house, receiver, created) == statuses


@pytest.mark.parametrize(
    ("only", "statuses"),
    [(None, BOTH), (["completed"], {"succeeded"}), (["start", "logs"], {"started"}), (["output"], set())],
)
async def test_a_plain_address_with_and_without_a_filter(
    house: House, receiver: Receiver, only: list[str] | None, statuses: set[str]
) -> None:
    more = {} if only is None else {"webhook_events_filter": only}
    assert await told(house, receiver, await asked(house, receiver.url, **more)) == statuses


async def test_a_failure_is_told_to_whom_asked_for_it(house: House, receiver: Receiver) -> None:
    await house.faults(nsfw=1)
    created = await asked(house, {"url": receiver.url, "events": ["failed"]})
    assert await told(house, receiver, created) == {"failed"}
    assert receiver.deliveries[0].json["response"]


async def test_an_end_of_any_kind_is_completed_beside_a_plain_address(house: House, receiver: Receiver) -> None:
    await house.faults(nsfw=1)
    created = await asked(house, receiver.url, webhook_events_filter=["completed"])
    assert await told(house, receiver, created) == {"failed"}
