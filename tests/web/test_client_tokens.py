"""A client token lets a browser watch one prediction, and do nothing else."""

from typing import Any

import httpx
import pytest

from tests.house import House
from tests.web.problems import assert_problem
from tests.web.steps import key_for

BODY = {"model": "truefusion-pro", "input": {"prompt": "a fox"}}


async def created(house: House, key: str) -> dict[str, Any]:
    answer = await house.client.post("/api/predictions", json=BODY, headers={"x-api-key": key})
    return dict(answer.json())


async def shown(house: House, prediction_id: str, token: str, how: str) -> httpx.Response:
    path = f"/api/predictions/{prediction_id}"
    if how == "query":
        return await house.client.get(path, params={"token": token})
    return await house.client.get(path, headers={"Authorization": f"{how} {token}"})


@pytest.mark.parametrize("how", ["query", "Bearer", "bearer"])
async def test_it_opens_its_prediction(locked: House, how: str) -> None:
    made = await created(locked, await key_for(locked))
    answer = await shown(locked, made["id"], made["client_token"], how)
    assert (answer.status_code, answer.json()["id"]) == (200, made["id"])
    assert "client_token" not in answer.json()


@pytest.mark.parametrize("how", ["query", "Bearer"])
async def test_it_opens_no_other_prediction(locked: House, how: str) -> None:
    key = await key_for(locked)
    made, other = await created(locked, key), await created(locked, key)
    assert_problem(await shown(locked, other["id"], made["client_token"], how), 404, "prediction_not_found")


@pytest.mark.parametrize("token", ["", "ct_", "ct_wrong", "wrong", "\x00", "ct_\u2003é", "ct_" + "x" * 5000])
async def test_a_wrong_one_opens_nothing(locked: House, token: str) -> None:
    made = await created(locked, await key_for(locked))
    assert_problem(await shown(locked, made["id"], token, "query"), 404, "prediction_not_found")


async def test_one_that_is_almost_right_opens_nothing(locked: House) -> None:
    made = await created(locked, await key_for(locked))
    for token in (made["client_token"][:-1], made["client_token"] + "x", made["client_token"].swapcase()):
        assert_problem(await shown(locked, made["id"], token, "query"), 404, "prediction_not_found")


async def test_two_of_them_are_refused(locked: House) -> None:
    made = await created(locked, await key_for(locked))
    answer = await locked.client.get(f"/api/predictions/{made['id']}?token={made['client_token']}&token=x")
    assert_problem(answer, 422, "invalid_request", "token")


async def test_it_is_no_key(locked: House) -> None:
    made = await created(locked, await key_for(locked))
    token = made["client_token"]
    before = await locked.rows("SELECT id FROM predictions")
    for headers in ({"Authorization": f"Bearer {token}"}, {"x-api-key": token}):
        assert_problem(await locked.client.get("/api/predictions", headers=headers), 401, "unauthenticated")
        assert_problem(await locked.client.get("/api/models", headers=headers), 401, "unauthenticated")
        answer = await locked.client.post("/api/predictions", json=BODY, headers=headers)
        assert_problem(answer, 401, "unauthenticated")
    answer = await locked.client.post("/api/predictions", params={"token": token}, json=BODY)
    assert_problem(answer, 401, "unauthenticated")
    assert await locked.rows("SELECT id FROM predictions") == before


async def test_it_stands_in_answers_of_creates_alone(standing: House) -> None:
    made = (await standing.create()).json()
    read = await standing.client.get(f"/api/predictions/{made['id']}")
    listed = await standing.client.get("/api/predictions")
    assert made["client_token"].startswith("ct_")
    assert "client_token" not in read.text + listed.text


async def test_it_may_wait_as_the_owner_may(locked: House) -> None:
    made = await created(locked, await key_for(locked))
    query = {"token": made["client_token"], "wait": "1"}
    answer = await locked.client.get(f"/api/predictions/{made['id']}", params=query)
    assert answer.status_code == 200
