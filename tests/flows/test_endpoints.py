"""Endpoints: what an owner registered is told of everything it asked for, at least once, whatever happens meanwhile."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from standardwebhooks import Webhook, WebhookVerificationError

from app.actions.judge_endpoints import judge_endpoints
from app.db.engine import Database
from app.domain.endpoints import Patience
from app.domain.prediction import Status
from app.settings import Settings
from tests.emulator.process import ROOT
from tests.emulator.receiver import Receiver
from tests.flows.telling import OWNER, accepted, begin, endpoint, hurry, told, types
from tests.house import House, eventually, eventually_async

SECONDS = 60.0


@pytest.fixture
def receive() -> Iterator[Callable[[], Receiver]]:
    """As many receivers as are asked for."""
    opened = list[Receiver]()

    def another() -> Receiver:
        opened.append(Receiver())
        return opened[-1]

    yield another
    for each in opened:
        each.close()


@pytest.fixture
def receiver(receive: Callable[[], Receiver]) -> Receiver:
    return receive()


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    opened = Database(settings.database_url.get_secret_value())
    yield opened
    await opened.close()


async def events(house: House, **wanted: str) -> list[dict[str, Any]]:
    return list((await house.client.get("/api/webhook-events", params=wanted)).json()["data"])


async def state(house: House, made: dict[str, Any]) -> dict[str, Any]:
    return dict((await house.client.get(f"/api/webhook-endpoints/{made['id']}")).json())


async def all_ended(house: House) -> bool:
    return not await house.rows("SELECT 1 FROM notices WHERE due_at IS NOT NULL")


async def test_an_endpoint_is_told_of_start_and_end_in_our_shape_and_signed_by_its_own_secret(
    house: House, receiver: Receiver
) -> None:
    made = await endpoint(house, receiver.url)
    final = await house.final((await house.create()).json()["id"])
    await eventually(lambda: len(receiver.deliveries) >= 2)
    assert sorted(types(receiver)) == ["prediction.started", "prediction.succeeded"]
    for each in receiver.deliveries:
        Webhook(made["secret"]).verify(each.body, each.headers)
        assert "client_token" not in each.body.decode()
    started, ended = sorted((each.json for each in receiver.deliveries), key=lambda told: told["sequence"])
    assert (started["type"], ended["type"]) == ("prediction.started", "prediction.succeeded")
    assert ended["data"] == final
    (owner_s,) = [(await house.client.get("/api/webhook-secret")).json()["key"]]
    with pytest.raises(WebhookVerificationError):
        Webhook(owner_s).verify(receiver.deliveries[0].body, receiver.deliveries[0].headers)


async def test_who_names_a_webhook_and_has_endpoints_is_told_once_at_each(
    house: House, receive: Callable[[], Receiver]
) -> None:
    own, first, second = receive(), receive(), receive()
    await endpoint(house, first.url, "prediction.succeeded")
    await endpoint(house, second.url, "prediction.failed", "prediction.canceled")
    body = {"model": "truefusion-pro", "input": {"prompt": "a fox"}, "webhook": own.url}
    await house.final((await house.client.post("/api/predictions", json=body)).json()["id"])
    await eventually(lambda: len(own.deliveries) >= 2 and len(first.deliveries) >= 1)
    await eventually_async(lambda: all_ended(house))
    assert sorted(types(own)) == ["prediction.started", "prediction.succeeded"]
    assert types(first) == ["prediction.succeeded"]
    assert types(second) == []
    ids = [each.headers["webhook-id"] for each in (*own.deliveries, *first.deliveries)]
    assert len(set(ids)) == 3


async def test_while_a_secret_is_rotated_both_verify_and_then_the_new_one_alone(
    house: House, database: Database, receiver: Receiver
) -> None:
    made = await endpoint(house, receiver.url, "prediction.failed")
    path = f"/api/webhook-endpoints/{made['id']}"
    rotated = (await house.client.post(f"{path}/rotate", json={"overlap_hours": 2})).json()
    assert rotated["previous_secret"] == made["secret"]
    assert (await house.client.get(f"{path}/secret")).json() == rotated
    await told(database, status=Status.FAILED)
    (both,) = await receiver.got(1)
    assert len(both.headers["webhook-signature"].split()) == 2
    for secret in (made["secret"], rotated["secret"]):
        Webhook(secret).verify(both.body, both.headers)
    await house.rows("UPDATE webhook_endpoints SET previous_until = now() RETURNING 1")
    await told(database, status=Status.FAILED)
    _, one = await receiver.got(2)
    Webhook(rotated["secret"]).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(one.body, one.headers)
    assert (await house.client.get(f"{path}/secret")).json()["previous_secret"] is None


async def test_what_fails_is_tried_again_under_the_same_id_and_every_attempt_is_seen(
    house: House, database: Database, receiver: Receiver
) -> None:
    made = await endpoint(house, receiver.url, "prediction.succeeded")
    receiver.answers = [500, 302]
    receiver.headers = {"location": receiver.url}
    (prediction,) = await told(database)
    await receiver.got(1)

    async def ended_with(count: int) -> bool:
        return len(await house.rows("SELECT 1 FROM webhook_attempts")) == count

    for count in (1, 2):
        await eventually_async(lambda count=count: ended_with(count))  # type: ignore[misc]
        await hurry(house)
    await eventually_async(lambda: all_ended(house))
    assert len({each.headers["webhook-id"] for each in receiver.deliveries}) == 1
    (event,) = await events(house, endpoint=made["id"])
    assert (event["state"], event["attempts"], event["last_outcome"]) == ("delivered", 3, "answered 200")
    assert event["prediction_id"] == str(prediction.id)
    assert event["webhook_id"] == receiver.deliveries[0].headers["webhook-id"]
    history = (await house.client.get(f"/api/webhook-events/{event['id']}")).json()["history"]
    assert [(each["status"], each["ok"]) for each in history] == [(500, False), (302, False), (200, True)]
    attempts = (await house.client.get(f"/api/webhook-endpoints/{made['id']}/attempts")).json()["data"]
    assert attempts == history[::-1]
    assert (await state(house, made))["state"] == "enabled"


async def test_an_event_is_sent_again_by_hand_delivered_or_not(
    house: House, database: Database, receiver: Receiver
) -> None:
    await endpoint(house, receiver.url, "prediction.succeeded")
    await told(database)
    await receiver.got(1)
    await eventually_async(lambda: all_ended(house))
    (event,) = await events(house)
    again = await house.client.post(f"/api/webhook-events/{event['id']}/resend")
    assert (again.status_code, again.json()["state"]) == (202, "pending")
    first, second = await receiver.got(2)
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


async def test_a_test_event_is_signed_sent_once_and_shown(house: House, receiver: Receiver) -> None:
    made = await endpoint(house, receiver.url, "prediction.failed")
    receiver.answers = [500]
    path = f"/api/webhook-endpoints/{made['id']}/test"
    event = (await house.client.post(path)).json()
    (sent,) = await receiver.got(1)
    Webhook(made["secret"]).verify(sent.body, sent.headers)
    assert sent.json["type"] == "webhook_endpoint.test"
    await eventually_async(lambda: all_ended(house))
    seen = (await house.client.get(f"/api/webhook-events/{event['id']}")).json()
    assert (seen["state"], seen["last_outcome"]) == ("failed", "answered 500")
    assert (await state(house, made))["state"] == "enabled"
    await house.client.post(path)
    await receiver.got(2)


async def test_gone_disables_at_once_and_the_others_are_told(
    house: House, database: Database, receive: Callable[[], Receiver]
) -> None:
    gone, other = receive(), receive()
    made = await endpoint(house, gone.url, "prediction.succeeded", description="the old one")
    await endpoint(house, other.url, "webhook_endpoint.disabled")
    gone.answers = [410]
    await told(database)
    (warned,) = await other.got(1)
    assert warned.json["type"] == "webhook_endpoint.disabled"
    assert warned.json["data"] == warned.json["data"] | {"id": made["id"], "reason": "gone"}
    assert gone.url not in warned.body.decode()
    seen = await state(house, made)
    assert (seen["state"], seen["disabled_reason"]) == ("disabled", "gone")
    await told(database)
    await eventually_async(lambda: all_ended(house))
    assert len(gone.deliveries) == 1


async def test_what_was_missed_while_disabled_is_sent_when_asked_for(
    house: House, database: Database, receiver: Receiver
) -> None:
    made = await endpoint(house, receiver.url)
    path = f"/api/webhook-endpoints/{made['id']}"
    receiver.answers = [410]
    await begin(database)
    await receiver.got(1)

    async def is_disabled() -> bool:
        return bool((await state(house, made))["state"] == "disabled")

    await eventually_async(is_disabled)
    missed = {str(each.id) for each in await told(database, 3)}
    since = {"since": "2020-01-01T00:00:00Z"}
    assert (await house.client.post(f"{path}/resend", json=since)).json()["code"] == "endpoint_disabled"
    assert (await house.client.patch(path, json={"enabled": True})).json()["state"] == "enabled"
    assert len(receiver.deliveries) == 1
    assert (await house.client.post(f"{path}/resend", json=since)).json() == {"events": 4, "more": False}
    await eventually(lambda: len(receiver.deliveries) >= 5)
    await eventually_async(lambda: all_ended(house))
    late = [each.json for each in receiver.deliveries[1:]]
    assert {told["data"]["id"] for told in late if told["type"] == "prediction.succeeded"} == missed
    assert (await house.client.post(f"{path}/resend", json=since)).json() == {"events": 0, "more": False}


async def test_days_of_failures_warn_and_then_disable(
    house: House, database: Database, receive: Callable[[], Receiver]
) -> None:
    failing, other = receive(), receive()
    made = await endpoint(house, failing.url, "prediction.succeeded")
    await endpoint(house, other.url, "webhook_endpoint.failing", "webhook_endpoint.disabled")
    failing.answers = [500] * 10
    await told(database)

    async def fails() -> bool:
        return bool((await state(house, made))["state"] == "failing")

    await eventually_async(fails)
    assert await judge_endpoints(database, Patience(days=5)) == 0
    assert types(other) == []
    await failed_for(house, made, days=3)
    assert await judge_endpoints(database, Patience(days=0)) == 0
    for _ in range(2):
        assert await judge_endpoints(database, Patience(days=5)) == 0
    await other.got(1)
    await failed_for(house, made, days=5)
    assert await judge_endpoints(database, Patience(days=5)) == 1
    await other.got(2)
    assert types(other) == ["webhook_endpoint.failing", "webhook_endpoint.disabled"]
    assert (await state(house, made))["disabled_reason"] == "failing"
    await eventually_async(lambda: all_ended(house))
    (event,) = await events(house, endpoint=made["id"])
    assert event["state"] == "failed"


async def failed_for(house: House, made: dict[str, Any], *, days: int) -> None:
    await house.rows(
        "UPDATE webhook_endpoints SET failing_days = $2::int, failing_since = now() - $2::int * interval '1 day'"
        " WHERE id = $1",
        made["id"],
        days,
    )


async def test_a_few_failures_long_ago_disable_nothing(house: House, database: Database, receiver: Receiver) -> None:
    made = await endpoint(house, receiver.url)
    await failed_for(house, made, days=1)
    await house.rows("UPDATE webhook_endpoints SET failing_since = now() - interval '30 days' RETURNING 1")
    assert await judge_endpoints(database, Patience(days=5)) == 0
    await told(database)
    await receiver.got(2)
    await eventually_async(lambda: all_ended(house))
    assert (await state(house, made))["state"] == "enabled"


async def test_one_that_is_overloaded_is_left_alone_as_long_as_it_asks(
    house: House, database: Database, receiver: Receiver
) -> None:
    await endpoint(house, receiver.url, "prediction.succeeded")
    receiver.answers, receiver.headers = [429], {"retry-after": "900"}
    await told(database)
    await receiver.got(1)

    async def rests() -> bool:
        return bool(await house.rows("SELECT 1 FROM webhook_endpoints WHERE paused_until > now() + interval '800 s'"))

    await eventually_async(rests)
    await told(database)

    async def put_off() -> bool:
        query = "SELECT 1 FROM notices WHERE due_at > now() + interval '800 s' AND endpoint_id IS NOT NULL"
        return len(await house.rows(query)) == 2

    await eventually_async(put_off)
    assert len(receiver.deliveries) == 1
    await hurry(house)
    await eventually_async(lambda: all_ended(house))
    assert len(receiver.deliveries) == 3


async def test_an_endpoint_that_answers_nobody_holds_up_no_picture(
    settings: Settings, house: House, database: Database, receiver: Receiver
) -> None:
    await endpoint(house, receiver.url, "prediction.failed")
    receiver.held.clear()
    await told(database, settings.worker_slots, Status.FAILED)
    await eventually(lambda: len(receiver.deliveries) == settings.worker_slots // 2)
    assert (await house.final((await house.create()).json()["id"]))["status"] == "succeeded"
    receiver.held.set()
    await eventually_async(lambda: all_ended(house))


async def test_it_may_be_deleted_while_it_is_owed(house: House, database: Database, receiver: Receiver) -> None:
    made = await endpoint(house, receiver.url)
    receiver.held.clear()
    await told(database, 5)
    await eventually(lambda: len(receiver.deliveries) >= 3)
    assert (await house.client.delete(f"/api/webhook-endpoints/{made['id']}")).status_code == 200
    receiver.held.set()
    for table in ("webhook_endpoints", "notices", "webhook_attempts"):
        assert await house.rows(f"SELECT 1 FROM {table}") == []
    await house.final((await house.create()).json()["id"])
    assert await house.rows("SELECT 1 FROM jobs.pgqueuer WHERE status = 'failed'") == []


async def test_a_prediction_may_be_deleted_while_its_webhook_is_being_told(
    house: House, database: Database, receiver: Receiver
) -> None:
    receiver.held.clear()
    await endpoint(house, receiver.url, "prediction.succeeded")
    final = await house.final((await house.create()).json()["id"])
    await receiver.got(1)
    assert (await house.client.delete(f"/api/predictions/{final['id']}")).status_code == 200
    receiver.held.set()
    await house.final((await house.create()).json()["id"])
    await receiver.got(2)
    assert await house.rows("SELECT 1 FROM jobs.pgqueuer WHERE status = 'failed'") == []


async def test_who_has_no_endpoint_costs_no_statement_more(front: House, database: Database) -> None:
    sent = list[str]()
    sqlalchemy_event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    await told(database)
    about = [statement for statement in sent if "webhook_endpoints" in statement]
    assert about and all(statement.startswith("UPDATE predictions") for statement in about)
    assert not [statement for statement in sent if "notices" in statement]


async def test_a_worker_that_dies_between_sending_and_noting_tells_it_again(
    front: House, database: Database, receiver: Receiver
) -> None:
    made = await endpoint(front, receiver.url, "prediction.succeeded")
    receiver.held.clear()
    async with worker(front) as first:
        await told(database)
        await eventually(lambda: len(receiver.deliveries) == 1, SECONDS)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    receiver.held.set()
    assert await front.rows("SELECT 1 FROM webhook_attempts") == []
    async with worker(front):
        await eventually_async(lambda: all_ended(front), SECONDS)
    assert len(receiver.deliveries) == 2
    assert len({each.headers["webhook-id"] for each in receiver.deliveries}) == 1
    for each in receiver.deliveries:
        Webhook(made["secret"]).verify(each.body, each.headers)


@asynccontextmanager
async def worker(house: House) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of its own, with short leases."""
    settings = house.settings
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "DARKROOM_DATA": str(settings.darkroom_data),
        "SKYTELLS_API_KEY": house.emulator.key,
        "SKYTELLS_BASE_URL": house.emulator.api,
        "OUTBOUND_ALLOW_NETS": "127.0.0.0/8",
        "WORKER_LEASE_SECONDS": "1",
        "ENVIRONMENT": "test",
    }
    words = (sys.executable, "-c", "from app.cli import main; main()", "worker")
    folder = settings.darkroom_data
    process = await asyncio.create_subprocess_exec(
        *words, cwd=folder, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_two_hundred_events_through_a_flapping_receiver_all_arrive_signed(
    house: House, database: Database, receiver: Receiver
) -> None:
    made = await endpoint(house, receiver.url)
    receiver.answers = random.Random(7).choices([200, 500, 503, 0], weights=[6, 2, 1, 1], k=400)
    ended = await told(database, 100)

    async def after_some_haste() -> bool:
        await hurry(house)
        return await all_ended(house)

    await eventually_async(after_some_haste, patience=SECONDS)
    for each in receiver.deliveries:
        Webhook(made["secret"]).verify(each.body, each.headers)
    heard = {(told["data"]["id"], told["type"]) for told in accepted(receiver)}
    types_told = ("prediction.started", "prediction.succeeded")
    assert heard == {(str(each.id), event_type) for each in ended for event_type in types_told}
    rows = await house.rows("SELECT owner FROM notices WHERE delivered_at IS NOT NULL")
    assert [row["owner"] for row in rows] == [OWNER] * 200
