from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import Draft202012Validator

from tests.emulator.buying import Shop
from tests.emulator.waiting import until

TODAY = datetime.now(UTC).date()


async def test_the_list_is_paged_and_newest_first(shop: Shop) -> None:
    ids = [(await shop.buy())["id"] for _ in range(5)]
    reply = (await shop.client.get("/v1/predictions?page=2&per_page=2")).json()
    assert [one["id"] for one in reply["data"]] == [ids[2], ids[1]]
    assert reply["pagination"] == {"current_page": 2, "per_page": 2, "total": 5, "last_page": 3}


async def test_the_list_is_filtered(shop: Shop) -> None:
    pro, simple = await shop.finished(), await shop.finished("truefusion")

    async def ids(query: str) -> list[str]:
        reply = await shop.client.get(f"/v1/predictions?{query}")
        return [one["id"] for one in reply.json()["data"]]

    assert await ids("model=truefusion") == [simple["id"]]
    assert await ids("status=succeeded") == [simple["id"], pro["id"]]
    assert await ids("status=canceled") == []
    assert len(await ids(f"from={TODAY - timedelta(1)}&to={TODAY + timedelta(1)}")) == 2
    assert await ids(f"from={TODAY + timedelta(2)}") == []


@pytest.mark.parametrize(
    ("query", "error_id"),
    [
        ("per_page=51", "INVALID_PARAMETER"),
        ("page=0", "INVALID_PARAMETER"),
        ("page=one", "INVALID_PARAMETER"),
        ("from=yesterday", "INVALID_DATE_FORMAT"),
        ("from=2026-02-02&to=2026-02-01", "INVALID_DATE_RANGE"),
    ],
)
async def test_a_wrong_query_is_named(shop: Shop, query: str, error_id: str) -> None:
    reply = await shop.client.get(f"/v1/predictions?{query}")
    assert (reply.status_code, reply.json()["error"]["error_id"]) == (400, error_id)


async def test_cancelling_stops_it_and_costs_nothing(shop: Shop) -> None:
    await shop.dialect(duration=60)
    id_ = (await shop.buy())["id"]
    reply = await shop.client.post(f"/v1/predictions/{id_}/cancel")
    assert (reply.status_code, reply.json()["status"], reply.json()["success"]) == (200, "cancelled", True)
    assert (await shop.ledger())[0]["credits_used"] == 0
    again = await shop.client.post(f"/v1/predictions/{id_}/cancel")
    assert again.status_code == 400


@pytest.mark.parametrize("route", ["/v1/predictions/{}", "/v1/predictions/{}/delete"])
async def test_both_routes_delete_and_the_ledger_remembers(shop: Shop, route: str) -> None:
    told = await shop.finished()
    reply = await shop.client.delete(route.format(told["id"]))
    assert (reply.status_code, reply.json()["success"]) == (200, True)
    assert (await shop.client.get(f"/v1/predictions/{told['id']}")).status_code == 404
    assert (await shop.client.get(told["output"][0])).status_code == 404
    assert len(await shop.ledger()) == 1


async def test_stream_answers_with_the_prediction(shop: Shop) -> None:
    told = await shop.finished()
    assert (await shop.client.get(told["urls"]["stream"])).json()["id"] == told["id"]


async def test_a_job_moves_forward_through_its_states(shop: Shop) -> None:
    await shop.dialect(duration=0.4)
    seen: list[str] = []
    id_ = (await shop.buy())["id"]

    async def over() -> bool:
        status = (await shop.get(id_))["status"]
        if status not in seen:
            seen.append(status)
        return bool(status == "succeeded")

    await until(over)
    assert seen == ["pending", "starting", "processing", "succeeded"]


async def test_models_come_as_a_bare_array_without_schemas(shop: Shop) -> None:
    models = (await shop.client.get("/v1/models")).json()
    assert {"truefusion", "truefusion-pro", "FLUX.2-pro", "truefusion-video", "beatfusion-2.0"} <= {
        model["namespace"] for model in models
    }
    assert not any("input_schema" in model for model in models)


@pytest.mark.parametrize("route", ["/v1/models/truefusion-pro", "/v1/model/truefusion-pro"])
async def test_both_routes_describe_a_model(shop: Shop, route: str) -> None:
    model = (await shop.client.get(f"{route}?fields=input_schema,output_schema")).json()
    schema = model["input_schema"]
    assert model["pricing"]["amount"] == 0.03
    assert model["pricing"]["unit"] == "image"
    assert schema["required"] == ["prompt"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["width"] == {
        "type": "integer",
        "minimum": 256,
        "maximum": 2048,
        "default": 1024,
        "x-order": 1,
    }
    Draft202012Validator.check_schema(schema)
    Draft202012Validator.check_schema(model["output_schema"])


async def test_an_unknown_model_is_not_found(shop: Shop) -> None:
    reply = await shop.client.get("/v1/model/nobody")
    assert (reply.status_code, reply.json()["error"]["error_id"]) == (404, "MODEL_NOT_FOUND")
