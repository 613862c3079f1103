"""PyPI `skytells` 1.0.0, as it is published."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from skytells import AsyncSkytellsClient, SkytellsClient, SkytellsError

from tests.emulator.process import RunningEmulator

ORDER = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}}


@pytest.fixture
def client(emulator: RunningEmulator) -> Any:
    return SkytellsClient(emulator.key, base_url=emulator.api)


def test_run_waits_for_the_picture(client: Any) -> None:
    prediction = client.run("truefusion-pro", input={"prompt": "a red fox"})
    assert prediction.status == "succeeded"
    assert httpx.get(prediction.outputs(), trust_env=False).content.startswith(b"\x89PNG")


def test_create_then_wait(client: Any) -> None:
    created = client.predictions.create(ORDER)
    assert created["status"] == "pending"
    ended = client.wait(created, {"interval": 20, "max_wait": 10_000})
    assert ended["status"] == "succeeded"
    assert client.predictions.get(created["id"]) == ended


def test_run_with_progress_polls(client: Any, emulator: RunningEmulator) -> None:
    httpx.post(f"{emulator.url}/_dialect", json={"duration": 0}, trust_env=False)
    seen: list[str] = []
    order = client.predictions.create(ORDER)
    client.wait(order, {"interval": 20}, on_progress=lambda told: seen.append(told["status"]))
    assert seen[-1] == "succeeded"


def test_list_has_data_and_pagination(client: Any) -> None:
    ids = [client.predictions.create(ORDER)["id"] for _ in range(2)]
    today = datetime.now(UTC).date().isoformat()
    page = client.predictions.list(model="truefusion-pro", since="2026-01-01", until=max(today, "2026-01-01"))
    assert [told["id"] for told in page.data] == ids[::-1]
    assert page.pagination.total == 2


def test_cancel_and_delete(client: Any, emulator: RunningEmulator) -> None:
    httpx.post(f"{emulator.url}/_dialect", json={"duration": 60}, trust_env=False)
    id_ = client.predictions.create(ORDER)["id"]
    assert client.cancel_prediction(id_)["status"] == "cancelled"
    assert client.delete_prediction(id_)["id"] == id_
    with pytest.raises(SkytellsError) as caught:
        client.predictions.get(id_)
    assert (caught.value.error_id, caught.value.http_status) == ("RESOURCE_NOT_FOUND", 404)


def test_stream_tells_the_prediction(client: Any) -> None:
    id_ = client.predictions.create(ORDER)["id"]
    assert client.stream_prediction(id_)["urls"]["stream"].endswith("/stream")


def test_models_and_their_schemas(client: Any) -> None:
    assert "truefusion" in [model["namespace"] for model in client.models.list()]
    model = client.models.get("truefusion-pro", fields=["input_schema"])
    assert model["input_schema"]["properties"]["num_outputs"]["maximum"] == 4
    assert "output_schema" not in model


def test_a_failed_run_raises_its_reason(client: Any, emulator: RunningEmulator) -> None:
    httpx.post(f"{emulator.url}/_faults", json={"nsfw": 1}, trust_env=False)
    with pytest.raises(SkytellsError, match="NSFW content detected"):
        client.run("truefusion-pro", input={"prompt": "a red fox"})


def test_refusals_are_understood(client: Any, emulator: RunningEmulator) -> None:
    with pytest.raises(SkytellsError) as caught:
        client.run("truefusion-pro", input={"prompt": "x", "width": 1})
    assert (caught.value.error_id, caught.value.http_status) == ("VALIDATION_ERROR", 422)
    with pytest.raises(SkytellsError) as caught:
        SkytellsClient("sk-other", base_url=emulator.api).models.list()
    assert (caught.value.error_id, caught.value.http_status) == ("UNAUTHORIZED", 401)


async def test_the_asynchronous_client(emulator: RunningEmulator) -> None:
    client = AsyncSkytellsClient(emulator.key, base_url=emulator.api)
    prediction = await client.run("truefusion-edge", input={"prompt": "a red fox"})
    assert prediction.status == "succeeded"
    await prediction.delete()
    client._executor.shutdown()
