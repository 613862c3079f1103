"""One house that buys from several providers, each in its own dialect: every purchase ends stored and on the books."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually, eventually_async, open_house
from tests.outbound.raw_server import RawServer, raw_server
from tests.providers.fal.queue_server import QueueServer, queue_server
from tests.providers.fal.samples import KEY as FAL_KEY
from tests.providers.fal.samples import signed as signed_by_fal
from tests.providers.replicate import samples as replicate
from tests.providers.replicate.server import ReplicateServer
from tests.storage.files import picture

PNG = picture("PNG")
FLUX = "fal-ai/flux/dev"
PAINTING = {"model": "acme/painter", "input": {"prompt": "a tin robot"}}


@pytest.fixture
def replicate_api() -> Iterator[ReplicateServer]:
    running = ReplicateServer()
    yield running
    running.close()


@pytest.fixture
async def fal_api() -> AsyncIterator[QueueServer]:
    async with queue_server() as running:
        yield running


@pytest.fixture
async def cdn() -> AsyncIterator[RawServer]:
    async with raw_server() as running:
        running.answer("/out.png", PNG, "Content-Type: image/png", f"Content-Length: {len(PNG)}")
        yield running


@pytest.fixture
def settings(settings: Settings, replicate_api: ReplicateServer, fal_api: QueueServer) -> Settings:
    """As if we had a public address, since Replicate calls no other."""
    return settings.model_copy(
        update={
            "app_url": "https://darkroom.example",
            "replicate_api_token": SecretStr(replicate.KEY),
            "replicate_webhook_secret": SecretStr(replicate.SECRET),
            "replicate_base_url": replicate_api.base,
            "replicate_output_hosts": ("127.0.0.1",),
            "replicate_models": ("acme/painter",),
            "fal_key": SecretStr(FAL_KEY),
            "fal_base_url": fal_api.url,
            "fal_platform_url": f"{fal_api.url}/v1",
            "fal_jwks_url": f"{fal_api.url}/.well-known/jwks.json",
            "fal_output_hosts": ("127.0.0.1",),
            "ceiling_price": Decimal("0.25"),
        }
    )


@pytest.fixture
async def house(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    async with open_house(settings, fresh_emulator) as opened:
        yield opened


async def ordered(house: House, provider: str, model: str) -> str:
    body = {"provider": provider, "model": model, "input": {"prompt": "a tin robot"}}
    answer = await house.client.post("/api/predictions", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def callback(url: str) -> str:
    return url.removeprefix("https://darkroom.example")


async def test_replicates_signed_delivery_brings_the_picture(
    house: House, replicate_api: ReplicateServer, cdn: RawServer
) -> None:
    prediction_id = await ordered(house, "replicate", "acme/painter")
    await eventually(lambda: bool(replicate_api.predictions))
    [bought] = replicate_api.predictions.values()
    bought |= {"status": "succeeded", "output": [cdn.url("/out.png")], "metrics": {"predict_time": 2.5}}
    bought |= {"completed_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}

    answer = await deliver(house, bought)

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    await assert_stored(house, prediction_id, "replicate")


@pytest.mark.parametrize("is_told", [True, False], ids=["delivered", "looked for"])
async def test_what_a_model_says_is_kept_as_data_with_our_addresses_in_it(
    house: House, replicate_api: ReplicateServer, cdn: RawServer, is_told: bool
) -> None:
    prediction_id = await ordered(house, "replicate", "acme/painter")
    await eventually(lambda: bool(replicate_api.predictions))
    [bought] = replicate_api.predictions.values()
    output = {"caption": "a \x00robot", "scores": [0.5, 1], "image": cdn.url("/out.png")}
    bought |= {"status": "succeeded", "output": output, "metrics": {"predict_time": 2.5}}
    if is_told:
        await deliver(house, bought)
    await assert_stored(house, prediction_id, "replicate")
    final = await house.final(prediction_id)
    assert final["data"] == {"caption": "a \ufffdrobot", "scores": [0.5, 1], "image": final["output"][0]}


async def test_text_alone_is_an_output_too(house: House, replicate_api: ReplicateServer) -> None:
    prediction_id = await ordered(house, "replicate", "acme/painter")
    await eventually(lambda: bool(replicate_api.predictions))
    [bought] = replicate_api.predictions.values()
    bought |= {"status": "succeeded", "output": ["A tin ", "robot."], "metrics": {"predict_time": 2.5}}
    final = await house.final(prediction_id)
    assert (final["status"], final["output"], final["data"]) == ("succeeded", [], ["A tin ", "robot."])
    assert Decimal(final["cost"]["captured"]) > 0


async def deliver(house: House, bought: dict[str, Any]) -> httpx.Response:
    body = json.dumps(bought).encode()
    headers = replicate.signed(body, at=datetime.now(UTC))
    return await house.client.post(callback(bought["webhook"]), content=body, headers=headers)


async def test_fals_signed_delivery_brings_the_picture(house: House, fal_api: QueueServer, cdn: RawServer) -> None:
    fal_api.next_result = (200, {"images": [{"url": cdn.url("/out.png"), "content_type": "image/png"}], "seed": 7})
    prediction_id = await ordered(house, "fal", FLUX)
    await eventually(lambda: bool(fal_api.jobs))
    [(request_id, job)] = fal_api.jobs.items()
    _, body = fal_api.delivery(request_id)
    headers = signed_by_fal(body, request_id=request_id, at=int(datetime.now(UTC).timestamp()))

    answer = await house.client.post(callback(job.webhook), content=body, headers=headers)

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    await assert_stored(house, prediction_id, "fal")


@pytest.mark.parametrize("provider", ["replicate", "fal"])
async def test_without_any_delivery_the_looks_bring_it(
    house: House, replicate_api: ReplicateServer, fal_api: QueueServer, cdn: RawServer, provider: str
) -> None:
    fal_api.next_result = (200, {"images": [{"url": cdn.url("/out.png")}]})
    prediction_id = await ordered(house, provider, {"replicate": "acme/painter", "fal": FLUX}[provider])
    if provider == "replicate":
        await eventually(lambda: bool(replicate_api.predictions))
        [bought] = replicate_api.predictions.values()
        bought |= {"status": "succeeded", "output": cdn.url("/out.png")}
    await assert_stored(house, prediction_id, provider)


async def test_a_provider_whose_key_is_taken_away_loses_nothing(
    settings: Settings, fresh_emulator: RunningEmulator, replicate_api: ReplicateServer, cdn: RawServer
) -> None:
    async with open_house(settings, fresh_emulator) as house:
        prediction_id = await ordered(house, "replicate", "acme/painter")
        await eventually_async(lambda: _is_at_replicate(house, prediction_id))
    without = settings.model_copy(update={"replicate_api_token": SecretStr("")})
    async with open_house(without, fresh_emulator) as house:
        await eventually_async(lambda: _was_put_off(house, prediction_id))
        seen = (await house.client.get(f"/api/predictions/{prediction_id}")).json()
        assert (seen["status"], seen["error"]) == ("starting", None)
        refused = await house.client.post("/api/predictions", json=PAINTING | {"provider": "replicate"})
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_provider")
    [bought] = replicate_api.predictions.values()
    bought |= {"status": "succeeded", "output": cdn.url("/out.png")}
    async with open_house(settings, fresh_emulator) as house:
        await assert_stored(house, prediction_id, "replicate")


async def _is_at_replicate(house: House, prediction_id: str) -> bool:
    seen = (await house.client.get(f"/api/predictions/{prediction_id}")).json()
    return bool(seen["stage"] == "waiting")


async def _was_put_off(house: House, prediction_id: str) -> bool:
    receipt = (await house.client.get(f"/api/predictions/{prediction_id}/receipt")).json()
    return "replicate is not configured" in json.dumps(receipt)


async def test_each_door_believes_its_own_provider_alone(house: House) -> None:
    body = b'{"id": "p1", "status": "succeeded", "request_id": "p1", "payload": {}}'
    by_replicate = replicate.signed(body, at=datetime.now(UTC))
    by_fal = signed_by_fal(body, request_id="p1", at=int(datetime.now(UTC).timestamp()))
    for path, headers in {
        "/api/webhooks": by_replicate,
        "/api/webhooks/fal": by_replicate,
        "/api/webhooks/replicate": by_fal,
        "/api/webhooks/skytells": by_fal,
    }.items():
        assert (await house.client.post(path, content=body, headers=headers)).status_code == 401
    assert await house.rows("SELECT 1 FROM deliveries") == []


async def test_three_at_once_from_three_providers(
    house: House, replicate_api: ReplicateServer, fal_api: QueueServer, cdn: RawServer
) -> None:
    fal_api.next_result = (200, {"images": [{"url": cdn.url("/out.png")}]})
    ids = await asyncio.gather(
        ordered(house, "skytells", "truefusion-pro"),
        ordered(house, "replicate", "acme/painter"),
        ordered(house, "fal", FLUX),
    )
    await eventually(lambda: bool(replicate_api.predictions))
    [bought] = replicate_api.predictions.values()
    bought |= {"status": "succeeded", "output": cdn.url("/out.png")}
    assert [(await house.final(each))["status"] for each in ids] == ["succeeded"] * 3
    costs = (await house.client.get("/api/costs")).json()
    assert {each["name"] for each in costs["providers"]} == {"skytells", "replicate", "fal"}


async def assert_stored(house: House, prediction_id: str, provider: str) -> None:
    final = await house.final(prediction_id)
    assert (final["status"], final["provider"], final["cost"]["held"]) == ("succeeded", provider, None)
    assert Decimal(final["cost"]["captured"]) > 0
    [file] = final["files"]
    path = httpx.URL(file["url"]).raw_path.decode()
    assert (await house.client.get(path)).content == PNG
    ledger: list[dict[str, Any]] = await house.rows("SELECT kind FROM ledger ORDER BY id")
    assert [entry["kind"] for entry in ledger] == ["hold", "capture"]
