"""The inspector's API: what was delivered, what was not believed and why, and deliveries of one's own."""

import base64
import hashlib
import hmac
import json
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from app.settings import DEVELOPMENT_WEBHOOK_SECRET, Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually_async, open_house
from tests.web.problems import assert_problem

REPLICATE_SECRET = "whsec_" + base64.b64encode(b"a secret of replicate's").decode()
NOBODY = "00000000-0000-7000-8000-000000000000"


async def deliveries(house: House, query: str = "") -> list[dict[str, Any]]:
    answer = await house.client.get(f"/api/deliveries{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def send(house: House, **wanted: Any) -> dict[str, Any]:
    answer = await house.client.post("/api/deliveries/test", json=wanted)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_deliveries_are_listed_in_pages_newest_first(front: House) -> None:
    for number in range(3):
        await front.deliver({"id": f"p-{number}", "status": "processing"})
    first = (await front.client.get("/api/deliveries?limit=2")).json()
    assert [each["provider_id"] for each in first["data"]] == ["p-2", "p-1"]
    assert {each["verdict"] for each in first["data"]} == {"waiting"}
    assert first["data"][0]["says"] == "running"
    (last,) = await deliveries(front, f"?limit=2&cursor={first['next']}&pending=true")
    assert last["provider_id"] == "p-0"


async def test_one_is_shown_as_it_came(front: House) -> None:
    raw = b'{"id": "p-1",  "status":"processing"}'
    await front.deliver(raw)
    (kept,) = await deliveries(front)
    found = (await front.client.get(f"/api/deliveries/{kept['id']}")).json()
    assert (found["body"], found["bytes"]) == (raw.decode(), len(raw))
    assert_problem(await front.client.get(f"/api/deliveries/{NOBODY}"), 404, "delivery_not_found")


async def test_an_orphan_is_attached_and_replayed(front: House) -> None:
    created = (await front.create()).json()
    await front.deliver({"id": "p-7", "status": "processing"})
    (kept,) = await deliveries(front, "?pending=true")
    path = f"/api/deliveries/{kept['id']}"
    assert (await front.client.post(f"{path}/replay")).json()["applied"] is False
    done = (await front.client.post(f"{path}/attach", json={"prediction_id": created["id"]})).json()
    assert (done["delivery"]["verdict"], done["delivery"]["prediction_id"]) == ("applied", created["id"])
    assert (await front.client.get(f"/api/predictions/{created['id']}")).json()["stage"] == "running"
    assert (await front.client.post(f"{path}/replay")).json()["applied"] is True
    answer = await front.client.post(f"{path}/attach", json={"prediction_id": NOBODY})
    assert_problem(answer, 404, "prediction_not_found")


async def test_a_test_event_goes_through_the_real_door(front: House) -> None:
    sent = await send(front, event="failed", overrides={"response": "Out of paint.", "metrics.predict_time": 3})
    assert sent["answer"] == {"status": 200, "trouble": None, "body": {"received": True, "matched": False}}
    (kept,) = await deliveries(front)
    assert (kept["verdict"], kept["says"]) == ("waiting", "failed")
    body = json.loads((await front.client.get(f"/api/deliveries/{kept['id']}")).json()["body"])
    assert (body["response"], body["metrics"]) == ("Out of paint.", {"predict_time": 3})


@pytest.mark.parametrize("event", ["started", "succeeded", "failed", "cancelled", "prediction.completed"])
@pytest.mark.parametrize("dialect", ["flat", "envelope"])
async def test_every_event_of_every_dialect_is_understood(standing: House, event: str, dialect: str) -> None:
    sent = await send(standing, event=event, dialect=dialect)
    assert sent["answer"]["status"] == 200
    newest = (await deliveries(standing, "?limit=1"))[0]
    assert event.startswith(newest["says"][:6]) or newest["says"] in ("running", "canceled", "succeeded")


async def test_a_test_event_moves_its_prediction(house: House) -> None:
    await house.faults(never_finish=1.0)
    created = (await house.create()).json()

    async def is_taken() -> bool:
        taken = await house.rows("SELECT provider_id FROM predictions")
        return taken[0]["provider_id"] is not None

    await eventually_async(is_taken)
    await send(house, event="failed", prediction_id=created["id"])
    assert (await house.final(created["id"]))["error"]["code"] == "provider_failed"


async def test_an_edited_body_is_signed_anew(front: House) -> None:
    sent = await send(front, body='{"id":"p-9","status":"processing"}', overrides={"status": "canceled"})
    assert json.loads(sent["request"]["body"]) == {"id": "p-9", "status": "canceled"}
    raw = '{"id":"p-9",  "status":"canceled"}'
    assert (await send(front, body=raw))["request"]["body"] == raw
    assert (await send(front, body=raw))["answer"]["body"]["duplicate"] is True


async def test_a_dry_run_sends_nothing(front: House) -> None:
    sent = await send(front, dry_run=True)
    assert sent["answer"] is None
    assert len(sent["request"]["headers"]["x-skytells-signature"]) == 64
    assert await deliveries(front) == []


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"event": "exploded"}, "event"),
        ({"provider": "fal"}, "provider"),
        ({"provider": "replicate"}, "provider"),
        ({"overrides": {"status.word": 1}}, "overrides"),
        ({"overrides": {"output.7": 1}}, "overrides"),
        ({"body": "no json", "overrides": {"id": "x"}}, "body"),
    ],
)
async def test_what_cannot_be_made_is_named(standing: House, wanted: dict[str, Any], field: str) -> None:
    answer = await standing.client.post("/api/deliveries/test", json=wanted)
    assert_problem(answer, 422, "invalid_request")
    assert answer.json()["errors"][0]["field"] == field


async def test_replicate_s_are_signed_by_standard_webhooks(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    changed = {"replicate_api_token": SecretStr("r8_x"), "replicate_webhook_secret": SecretStr(REPLICATE_SECRET)}
    async with open_house(settings.model_copy(update=changed), fresh_emulator, with_worker=False) as house:
        sent = await send(house, provider="replicate", event="canceled")
        assert sent["request"]["url"].endswith("/api/webhooks/replicate")
        assert (sent["answer"]["status"], sent["answer"]["body"]["received"]) == (200, True)


async def test_only_an_admin_s_key_opens_it(locked: House) -> None:
    for method, path in (("GET", "/api/deliveries"), ("GET", f"/api/deliveries/{uuid4()}"), ("GET", "/api/dev/faults")):
        assert_problem(await locked.client.request(method, path), 401, "unauthenticated")
    assert_problem(await locked.client.post("/api/deliveries/test", json={}), 401, "unauthenticated")


def signed(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


BODY = b'{"id": "p-1", "status": "succeeded"}'
COMPACT = b'{"id":"p-1","status":"succeeded"}'


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "x-skytells-signature is missing"),
        ({"x-skytells-signature": "nonsense"}, "is no signature"),
        ({"x-skytells-signature": signed(BODY, "wrong")}, "none of the"),
        ({"x-skytells-signature": signed(BODY, "sk-emulator")}, "SKYTELLS_API_KEY"),
        ({"x-skytells-signature": signed(BODY, DEVELOPMENT_WEBHOOK_SECRET)}, "the development constant"),
        ({"x-skytells-signature": signed(COMPACT, "whsec-emulator")}, "as compact JSON"),
        ({"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}, "signs as replicate does"),
        ({"x-fal-webhook-signature": "00"}, "signs as fal does"),
        ({"stripe-signature": "t=1,v1=00"}, "signs as Stripe does"),
    ],
)
async def test_a_delivery_that_is_not_believed_says_why(development: House, headers: dict[str, str], said: str) -> None:
    answer = await development.client.post(
        "/api/webhooks", content=BODY, headers={"authorization": "Bearer secret", **headers}
    )
    assert_problem(answer, 401, "invalid_signature")
    found = (await development.client.get("/api/deliveries/rejected")).json()["data"][0]
    assert (found["body"], found["provider"], found["verdict"]) == (BODY.decode(), "skytells", "rejected")
    assert "authorization" not in found["headers"]
    wrong = [each for each in found["findings"] if each["state"] == "bad"]
    assert any(said in each["said"] for each in wrong), found["findings"]
    assert all(each["cure"] for each in wrong)


async def test_one_for_another_provider_s_door_is_named(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    changed = {
        "environment": "development",
        "replicate_api_token": SecretStr("r8_x"),
        "replicate_webhook_secret": SecretStr(REPLICATE_SECRET),
    }
    async with open_house(settings.model_copy(update=changed), fresh_emulator, with_worker=False) as house:
        sent = (await send(house, provider="replicate", dry_run=True))["request"]
        await house.client.post("/api/webhooks", content=sent["body"], headers=sent["headers"])
        await house.client.post("/api/webhooks/replicate", content=BODY, headers={**sent["headers"]})
        at_replicate, at_skytells = (await house.client.get("/api/deliveries/rejected")).json()["data"]
    assert "is replicate, truly" in at_skytells["findings"][0]["said"]
    assert at_replicate["findings"][-1]["state"] == "bad"


async def test_outside_development_nothing_is_kept_of_them(standing: House) -> None:
    await standing.client.post("/api/webhooks", content=BODY)
    assert_problem(await standing.client.get("/api/deliveries/rejected"), 404, "not_found")
    assert_problem(await standing.client.get("/api/dev/faults"), 404, "not_found")
    assert_problem(await standing.client.post("/api/dev/faults", json={}), 404, "not_found")


async def test_the_emulator_is_told_to_misbehave(development: House) -> None:
    set_to = {"drop": 1.0, "slow_create": {"share": 0.5, "seconds": 1}}
    answer = await development.client.post("/api/dev/faults", json=set_to)
    assert (answer.status_code, answer.json()["faults"]) == (200, set_to)
    assert (await development.client.get("/api/dev/faults")).json()["known"]["drop"] == "no delivery at all"
    refused = await development.client.post("/api/dev/faults", json={"explode": 1.0})
    assert_problem(refused, 422, "invalid_request")
    assert "explode" in refused.json()["errors"][0]["message"]
    assert (await development.client.post("/api/dev/faults", json={})).json()["faults"] == {}


async def test_health_in_figures(house: House) -> None:
    await house.final((await house.create()).json()["id"])
    found = (await house.client.get("/api/health/details")).json()
    values = {each["name"]: each["value"] for each in found["zeros"]}
    assert values.pop("wrong_balances") is None
    assert set(values.values()) == {0}
    assert (found["findings"], found["worker_silent"] is not None) == (None, True)
    await house.deliver({"id": "p-1", "status": "processing"})
    full = (await house.client.get("/api/health/details?full=true")).json()
    values = {each["name"]: each["value"] for each in full["zeros"]}
    assert (values["orphans"], values["wrong_balances"]) == (1, 0)
    assert {each["state"] for each in full["findings"]} == {"ok"}, full["findings"]
