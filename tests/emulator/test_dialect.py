from typing import Any

import pytest

from tests.emulator.buying import Shop


async def test_the_dialect_tells_its_words(shop: Shop) -> None:
    told = (await shop.client.get("/_dialect")).json()
    assert told["dialect"]["status_vocabulary"] == "sdk"
    assert set(told["known"]) == set(told["dialect"])


@pytest.mark.parametrize(
    "wish", [{"accent": "thick"}, {"output": "shout"}, {"retention": -1}, {"duration": "long"}, []]
)
async def test_a_word_that_does_not_exist_changes_nothing(shop: Shop, wish: Any) -> None:
    before = (await shop.client.get("/_dialect")).json()
    reply = await shop.client.post("/_dialect", json=wish)
    assert reply.status_code == 422
    assert "status_vocabulary" in reply.json()["known"]
    assert (await shop.client.get("/_dialect")).json() == before


async def test_the_documentation_says_queued_and_canceled(shop: Shop) -> None:
    await shop.dialect(status_vocabulary="docs", duration=60)
    told = await shop.buy()
    assert told["status"] == "queued"
    assert (await shop.client.post(told["urls"]["cancel"])).json()["status"] == "canceled"
    assert len((await shop.client.get("/v1/predictions?status=canceled")).json()["data"]) == 1


async def test_failed_predictions_may_answer_502(shop: Shop) -> None:
    await shop.faults(fail=1)
    id_ = (await shop.finished())["id"]
    assert (await shop.get(id_))["status"] == "failed"
    await shop.dialect(failed_get="502")
    reply = await shop.client.get(f"/v1/predictions/{id_}")
    assert (reply.status_code, reply.json()["error"]["error_id"]) == (502, "PREDICTION_FAILED")


@pytest.mark.parametrize("status", [404, 502])
async def test_unknown_ids_answer_as_told(shop: Shop, status: int) -> None:
    await shop.dialect(unknown_get=status)
    reply = await shop.client.get("/v1/predictions/nobody")
    assert (reply.status_code, reply.json()["error"]["error_id"]) == (status, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize(
    ("shape", "keys"),
    [("A", {"status", "response", "error"}), ("B", {"error"}), ("C", {"error_id", "message"})],
)
async def test_errors_have_three_shapes(shop: Shop, shape: str, keys: set[str]) -> None:
    await shop.dialect(error_shape=shape)
    assert set((await shop.order("nobody")).json()) == keys


async def test_lists_may_be_bare(shop: Shop) -> None:
    told = await shop.buy()
    await shop.dialect(list_shape="array")
    assert [one["id"] for one in (await shop.client.get("/v1/predictions")).json()] == [told["id"]]


async def test_output_and_model_may_be_strings(shop: Shop) -> None:
    await shop.dialect(output="string", model="string")
    told = await shop.finished()
    assert told["output"].endswith(".png")
    assert told["model"] == "truefusion-pro"
    assert len((await shop.finished(input={"num_outputs": 2}))["output"]) == 2


async def test_links_may_lead_through_somebody_else(shop: Shop) -> None:
    await shop.dialect(origin="http://proxy.test:9000/")
    told = await shop.finished()
    assert told["output"][0].startswith("http://proxy.test:9000/cdn/")
    assert told["urls"]["get"].startswith("http://proxy.test:9000/v1/")


async def test_the_status_of_a_create_can_be_chosen(shop: Shop) -> None:
    await shop.dialect(create_status=201)
    assert (await shop.order()).status_code == 201
