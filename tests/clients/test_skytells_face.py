"""PyPI `skytells` 1.0.0, as it is published, against our own face of Skytells."""

from asyncio import to_thread
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from skytells import AsyncSkytellsClient, SkytellsClient, SkytellsError

from app.domain.caller import Scope
from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.steps import key_for

ORDER: dict[str, Any] = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}}
REFUSED = "a lolicon drawing, my own words"


def client_of(house: House, key: str | None = None, **options: Any) -> Any:
    return SkytellsClient(key, base_url=f"{house.client.base_url}/skytells/v1", **options)


@pytest.fixture
def client(house: House) -> Any:
    return client_of(house)


async def caught(call: Callable[..., Any], *given: Any, **named: Any) -> Any:
    with pytest.raises(SkytellsError) as raised:
        await to_thread(call, *given, **named)
    return raised.value


async def test_run_waits_for_the_picture(house: House, client: Any) -> None:
    prediction = await to_thread(client.run, "truefusion-pro", input={"prompt": "a red fox"})
    assert prediction.status == "succeeded"
    assert prediction.outputs() == prediction.output[0]
    assert (await house.client.get(prediction.outputs())).content.startswith(b"\x89PNG")
    told = prediction.raw()
    assert told["model"] == {"name": "truefusion-pro", "type": "image"}
    assert told["metrics"]["image_count"] == 1
    assert told["metadata"]["billing"]["credits_used"] == 0.03
    assert told["metadata"]["storage"]["files"][0]["url"] == prediction.outputs()
    (row,) = await house.rows("SELECT face FROM predictions")
    assert row["face"] == "skytells"


async def test_wait_tells_of_progress(client: Any) -> None:
    created = await to_thread(client.predictions.create, ORDER)
    seen: list[str] = []
    await to_thread(client.wait, created, {"interval": 20}, lambda told: seen.append(told["status"]))
    assert seen[-1] == "succeeded"


async def test_create_then_wait_then_get(client: Any) -> None:
    created = await to_thread(client.predictions.create, ORDER)
    assert created["status"] == "pending"
    ended = await to_thread(client.wait, created, {"interval": 20, "max_wait": 20_000})
    assert ended["status"] == "succeeded"
    assert await to_thread(client.predictions.get, created["id"]) == ended
    told = await to_thread(client.stream_prediction, created["id"])
    assert told["urls"]["stream"].endswith(f"/skytells/v1/predictions/{created['id']}/stream")


async def test_a_queue_is_dispatched(house: House, client: Any) -> None:
    client.queue(ORDER)
    client.queue({"model": "flux-pro", "input": {"prompt": "a dog"}})
    results = await to_thread(client.dispatch)
    assert [each["model"]["name"] for each in results] == ["truefusion-pro", "flux-pro"]
    for each in results:
        await house.final(each["id"])


async def test_cancel_and_delete(house: House, client: Any) -> None:
    await house.dialect(duration=60)
    id_ = (await to_thread(client.predictions.create, ORDER))["id"]
    unfinished = await caught(client.delete_prediction, id_)
    assert (unfinished.error_id, unfinished.http_status) == ("INVALID_REQUEST", 400)
    assert (await to_thread(client.cancel_prediction, id_))["status"] == "cancelled"
    again = await caught(client.cancel_prediction, id_)
    assert (again.error_id, again.http_status) == ("INVALID_REQUEST", 400)
    assert (await to_thread(client.delete_prediction, id_))["id"] == id_
    gone = await caught(client.predictions.get, id_)
    assert (gone.error_id, gone.http_status) == ("RESOURCE_NOT_FOUND", 404)


async def test_lists_have_pages_and_filters(front: House) -> None:
    client = client_of(front)
    ids = [(await to_thread(client.predictions.create, ORDER))["id"] for _ in range(21)]
    other = await to_thread(client.predictions.create, {"model": "truefusion", "input": {"prompt": "a dog"}})
    today = datetime.now(UTC).date().isoformat()
    first = await to_thread(client.predictions.list, model="truefusion-pro", since="2026-01-01", until=today)
    assert [each["id"] for each in first.data] == ids[:0:-1]
    assert first.pagination.to_dict() == {"current_page": 1, "per_page": 20, "total": 21, "last_page": 2}
    second = await to_thread(client.predictions.list, page=2, model="skytells/truefusion-pro")
    assert [each["id"] for each in second.data] == ids[:1]
    everything = await to_thread(client.predictions.list)
    assert everything.data[0]["id"] == other["id"]
    assert everything.pagination.total == 22
    assert (await to_thread(client.predictions.list, until="2026-01-01")).data == []


@pytest.mark.parametrize(
    ("query", "error_id"),
    [
        ({"since": "yesterday"}, "INVALID_DATE_FORMAT"),
        ({"until": "9999-12-31"}, "INVALID_DATE_FORMAT"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "INVALID_DATE_RANGE"),
        ({"page": 0}, "INVALID_PARAMETER"),
        ({"page": 1_000_000}, "INVALID_PARAMETER"),
        ({"model": "a&per_page=51"}, "INVALID_PARAMETER"),
        ({"model": "a&status=done"}, "INVALID_PARAMETER"),
        ({"model": "a&colour=red"}, "INVALID_PARAMETER"),
    ],
)
async def test_a_list_that_cannot_be_is_told_in_their_words(
    refusing: House, query: dict[str, Any], error_id: str
) -> None:
    refused = await caught(client_of(refusing).predictions.list, **query)
    assert (refused.error_id, refused.http_status) == (error_id, 400)


async def test_models_and_their_schemas(refusing: House) -> None:
    client = client_of(refusing)
    cards = await to_thread(client.models.list, fields=["input_schema"])
    by_name = {each["namespace"]: each for each in cards}
    assert by_name["truefusion-video"]["type"] == "video"
    assert by_name["truefusion-pro"]["pricing"] | {"criterias": []} == {
        "amount": 0.03,
        "currency": "USD",
        "unit": "image",
        "criterias": [],
    }
    one = await to_thread(client.models.get, "truefusion-pro", fields=["input_schema"])
    assert one == by_name["truefusion-pro"]
    assert one["input_schema"]["properties"]["num_outputs"]["maximum"] == 4
    assert "output_schema" not in one
    assert "input_schema" not in await to_thread(client.models.get, "skytells/truefusion-pro")
    unknown = await caught(client.models.get, "nobody")
    assert (unknown.error_id, unknown.http_status) == ("MODEL_NOT_FOUND", 404)


async def test_a_failed_run_raises_its_reason(house: House, client: Any) -> None:
    await house.faults(nsfw=1)
    failed = await caught(client.run, "truefusion-pro", input={"prompt": "a red fox"})
    assert failed.error_id == "PREDICTION_FAILED"
    assert "NSFW" not in str(failed)


@pytest.mark.parametrize(
    ("order", "error_id", "status"),
    [
        ({"model": "nobody", "input": {"prompt": "x"}}, "MODEL_NOT_FOUND", 404),
        ({"model": "nobody/truefusion-pro", "input": {"prompt": "x"}}, "MODEL_NOT_FOUND", 404),
        ({"model": "truefusion-pro", "input": {"prompt": "x", "width": 1}}, "VALIDATION_ERROR", 422),
        ({"model": "truefusion-pro", "input": {}}, "VALIDATION_ERROR", 422),
        ({"model": "truefusion-pro"}, "VALIDATION_ERROR", 422),
        ({**ORDER, "colour": "red"}, "VALIDATION_ERROR", 422),
        ({**ORDER, "webhook": {"url": "https://app.example/", "events": ["done"]}}, "VALIDATION_ERROR", 422),
        ({**ORDER, "webhook": {"url": "https://10.0.0.1/", "events": []}}, "VALIDATION_ERROR", 422),
        ({**ORDER, "webhook": "not an address"}, "VALIDATION_ERROR", 422),
        ({**ORDER, "webhook_events_filter": ["completed"]}, "VALIDATION_ERROR", 422),
        ({**ORDER, "input": {"prompt": REFUSED}}, "CONTENT_POLICY_VIOLATION", 451),
    ],
)
async def test_what_does_not_fit_is_refused_and_buys_nothing(
    refusing: House, order: dict[str, Any], error_id: str, status: int
) -> None:
    refused = await caught(client_of(refusing).predict, order)
    assert (refused.error_id, refused.http_status) == (error_id, status)
    assert isinstance(refused.details, str)
    assert "my own words" not in f"{refused}{refused.details}"
    assert await refusing.rows("SELECT 1 FROM predictions") == []


async def test_keys_scopes_limits_and_budgets(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    limited = settings.model_copy(
        update={"auth_required": True, "rate_limit_generate": "2/hour", "daily_budget": Decimal("0.03")}
    )
    async with open_house(limited, fresh_emulator, with_worker=False) as house:
        wrong = await caught(client_of(house, "sk-other").models.list)
        assert (wrong.error_id, wrong.http_status) == ("UNAUTHORIZED", 401)
        nobody = await caught(client_of(house).models.list)
        assert (nobody.error_id, nobody.http_status) == ("UNAUTHORIZED", 401)
        reader = await key_for(house, scopes=frozenset({Scope.READ}))
        forbidden = await caught(client_of(house, reader).predictions.create, ORDER)
        assert (forbidden.error_id, forbidden.http_status) == ("FORBIDDEN", 403)

        client = client_of(house, await key_for(house))
        await to_thread(client.predictions.create, ORDER)
        poor = await caught(client.predictions.create, ORDER)
        assert (poor.error_id, poor.http_status) == ("INSUFFICIENT_CREDITS", 402)
        fast = await caught(client.predictions.create, ORDER)
        assert (fast.error_id, fast.http_status) == ("RATE_LIMIT_EXCEEDED", 429)


async def test_nobody_sees_another_owner_s(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    async with open_house(
        settings.model_copy(update={"auth_required": True}), fresh_emulator, with_worker=False
    ) as house:
        ann, bob = [client_of(house, await key_for(house, name)) for name in ("ann", "bob")]
        id_ = (await to_thread(ann.predictions.create, ORDER))["id"]
        for call in (bob.predictions.get, bob.cancel_prediction, bob.delete_prediction, bob.stream_prediction):
            assert (await caught(call, id_)).error_id == "RESOURCE_NOT_FOUND"
        assert (await to_thread(bob.predictions.list)).pagination.total == 0


async def test_an_idempotency_key_is_honoured(house: House) -> None:
    client = client_of(house, headers={"Idempotency-Key": "order-17"})
    ids = {(await to_thread(client.predict, ORDER))["id"] for _ in range(3)}
    assert len(ids) == 1
    await house.final(ids.pop())
    assert len(await house.ledger()) == 1
    other = await caught(client.predict, {**ORDER, "input": {"prompt": "another"}})
    assert (other.error_id, other.http_status) == ("VALIDATION_ERROR", 422)


async def test_predictions_of_our_own_api_are_seen_too(house: House, client: Any) -> None:
    created = (await house.create()).json()
    final = await house.final(created["id"])
    told = await to_thread(client.predictions.get, created["id"])
    assert told["output"] == final["output"]


@pytest.fixture
def asynchronous(house: House) -> Iterator[Any]:
    client = AsyncSkytellsClient(base_url=f"{house.client.base_url}/skytells/v1")
    yield client
    client._executor.shutdown()


async def test_the_asynchronous_client(asynchronous: Any) -> None:
    prediction = await asynchronous.run("truefusion-edge", input={"prompt": "a red fox"})
    assert prediction.status == "succeeded"
    assert (await prediction.delete())["id"] == prediction.id
