"""An Idempotency-Key names one prediction: ordered once, however often it is sent."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.house import House
from tests.web.problems import assert_problem
from tests.web.steps import key_for

KEY = {"Idempotency-Key": "order-1"}
BODY: dict[str, Any] = {
    "model": "truefusion-pro",
    "input": {"prompt": "a fox", "width": 512},
    "metadata": {"a": 1, "b": [1, 2]},
}


async def count(house: House) -> int:
    return int((await house.rows("SELECT count(*) AS made FROM predictions"))[0]["made"])


async def test_the_same_again_is_the_same_prediction_as_it_is_now(front: House) -> None:
    first = await front.client.post("/api/predictions", json=BODY, headers=KEY)
    await front.rows("UPDATE predictions SET status = 'processing', stage = 'running', version = 2")
    again = await front.client.post("/api/predictions", json=BODY, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["etag"] == '"2"'
    assert again.json() == first.json() | {"status": "processing", "stage": "running"}
    assert again.json()["client_token"].startswith("ct_")
    assert await count(front) == 1


async def test_the_order_of_fields_does_not_matter(front: House) -> None:
    turned = {
        "metadata": {"b": [1, 2], "a": 1},
        "input": {"width": 512, "prompt": "a fox"},
        "model": "truefusion-pro",
    }
    ids = {
        (await front.client.post("/api/predictions", json=body, headers=KEY)).json()["id"] for body in (BODY, turned)
    }
    assert len(ids) == 1


CHANGES: list[dict[str, Any]] = [
    {"input": {"prompt": "a fox"}},
    {"input": {"prompt": "another fox", "width": 512}},
    {"model": "flux-pro"},
    {"metadata": {}},
    {"metadata": {"a": 1, "b": [2, 1]}},
    {"webhook": "https://example.com/hook"},
]


async def test_another_body_under_the_same_key_is_a_conflict(front: House) -> None:
    await front.client.post("/api/predictions", json=BODY, headers=KEY)
    for change in CHANGES:
        answer = await front.client.post("/api/predictions", json=BODY | change, headers=KEY)
        assert_problem(answer, 422, "idempotency_conflict")
    assert await count(front) == 1


async def test_fifty_at_once_are_one(front: House) -> None:
    answers = await asyncio.gather(*(front.client.post("/api/predictions", json=BODY, headers=KEY) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 50}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len({answer.json()["client_token"] for answer in answers}) == 1
    assert await count(front) == 1


async def test_of_fifty_with_different_bodies_one_wins(front: House) -> None:
    bodies = [BODY | {"metadata": {"number": number}} for number in range(50)]
    answers = await asyncio.gather(*(front.client.post("/api/predictions", json=body, headers=KEY) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 49}
    assert await count(front) == 1


async def test_a_form_is_remembered_too(front: House) -> None:
    answers = [await front.client.post("/api/generate", json={"prompt": "a fox"}, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    other = await front.client.post("/api/generate", json={"prompt": "a cat"}, headers=KEY)
    assert_problem(other, 422, "idempotency_conflict")


async def test_keys_are_per_owner(locked: House) -> None:
    answers = [
        await locked.client.post(
            "/api/predictions", json=BODY, headers=KEY | {"x-api-key": await key_for(locked, owner)}
        )
        for owner in ("ann", "bob")
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]


async def test_a_key_is_forgotten_after_a_day(front: House) -> None:
    first = await front.client.post("/api/predictions", json=BODY, headers=KEY)
    await front.rows("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'")
    second = await front.client.post("/api/predictions", json=BODY | {"metadata": {}}, headers=KEY)
    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]


async def test_without_a_key_every_order_is_its_own(front: House) -> None:
    ids = {(await front.create()).json()["id"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize("key", ["!", "~" * 255, '"quoted"', "a,b"])
async def test_any_visible_ascii_is_a_key(standing: House, key: str) -> None:
    assert (await standing.create(**{"Idempotency-Key": key})).status_code == 201
