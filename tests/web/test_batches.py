"""Batches: admitted together or not at all."""

from decimal import Decimal
from typing import Any

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.problems import assert_problem


def batch(*prompts: str) -> dict[str, Any]:
    return {"predictions": [{"model": "truefusion-pro", "input": {"prompt": prompt}} for prompt in prompts]}


async def test_a_batch_is_made_in_order_and_counted_as_it_goes(house: House) -> None:
    made = await house.client.post("/api/batches", json=batch("one", "two", "three"))
    body = made.json()
    assert made.status_code == 201
    assert made.headers["location"].endswith(f"/api/batches/{body['id']}")
    assert [each["input"]["prompt"] for each in body["predictions"]] == ["one", "two", "three"]
    assert {each["batch_id"] for each in body["predictions"]} == {body["id"]}
    assert body["counts"] == {"starting": 3}
    assert all(each["client_token"].startswith("ct_") for each in body["predictions"])
    for each in body["predictions"]:
        await house.final(each["id"])
    later = (await house.client.get(f"/api/batches/{body['id']}")).json()
    assert later["counts"] == {"succeeded": 3}
    assert [each["id"] for each in later["predictions"]] == [each["id"] for each in body["predictions"]]
    assert not any("client_token" in each for each in later["predictions"])


async def test_one_that_does_not_fit_refuses_all_and_is_named(front: House) -> None:
    wrong = batch("one", "two")
    wrong["predictions"][1]["input"]["width"] = "wide"
    problem = assert_problem(await front.client.post("/api/batches", json=wrong), 422, "invalid_request")
    assert [each["field"] for each in problem["errors"]] == ["predictions.1.input.width"]
    assert await front.rows("SELECT 1 FROM predictions") == []


async def test_a_batch_that_the_budget_covers_in_part_is_refused_whole(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    capped = settings.model_copy(update={"daily_budget": Decimal("0.06")})
    async with open_house(capped, fresh_emulator, with_worker=False) as house:
        assert_problem(await house.client.post("/api/batches", json=batch("1", "2", "3")), 429, "budget_exceeded")
        assert (await house.client.post("/api/batches", json=batch("1", "2"))).status_code == 201
        assert (await house.rows("SELECT count(*) AS rows FROM predictions"))[0]["rows"] == 2


async def test_the_same_key_gives_the_same_batch(front: House) -> None:
    headers = {"Idempotency-Key": "album-1"}
    first, second = [await front.client.post("/api/batches", json=batch("1", "2"), headers=headers) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    other = await front.client.post("/api/batches", json=batch("1"), headers=headers)
    assert_problem(other, 422, "idempotency_conflict")
    assert_problem(await front.create("1", **headers), 422, "idempotency_conflict")
    assert (await front.rows("SELECT count(*) AS rows FROM predictions"))[0]["rows"] == 2


WRONG: list[dict[str, Any]] = [
    {"predictions": []},
    batch(*map(str, range(101))),
    {"predictions": [{}]},
    {},
    {"predictions": "all"},
]


async def test_an_empty_or_too_large_batch_is_refused(front: House) -> None:
    for wrong in WRONG:
        assert_problem(await front.client.post("/api/batches", json=wrong), 422, "invalid_request")


async def test_a_batch_that_is_not_yours_is_not_there(front: House) -> None:
    made = (await front.client.post("/api/batches", json=batch("1"))).json()
    await front.rows("UPDATE batches SET owner = 'somebody else'")
    assert_problem(await front.client.get(f"/api/batches/{made['id']}"), 404, "batch_not_found")
    assert_problem(await front.client.get("/api/batches/1"), 404, "batch_not_found")
