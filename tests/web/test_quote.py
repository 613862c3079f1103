"""A price before the run: as the create would be judged, and nothing is touched."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from app.domain.caller import Budgets, Scope
from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.problems import assert_problem
from tests.web.steps import key_for

FORM = {"prompt": "a red fox", "num_outputs": 3}


@pytest.fixture
async def frugal(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    bound = settings.model_copy(update={"daily_budget": Decimal("0.10"), "auth_required": True})
    async with open_house(bound, fresh_emulator, with_worker=False) as opened:
        yield opened


async def test_a_form_is_priced_and_put_into_the_model_s_words(standing: House) -> None:
    answer = await standing.client.post("/api/quote", json=FORM)
    told = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (told["provider"], told["model"], told["currency"]) == ("skytells", "truefusion-pro", "USD")
    assert (told["budget_remaining"], told["fits"]) == (None, True)
    made = (await standing.client.post("/api/generate", json=FORM)).json()
    assert (told["price"], told["input"], told["adjusted"]) == (made["cost"]["held"], made["input"], made["adjusted"])


async def test_a_create_s_own_body_is_taken_too(standing: House) -> None:
    body = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}, "metadata": {"mine": 1}}
    answer = await standing.client.post("/api/quote", json=body)
    assert answer.json()["input"]["prompt"] == "a red fox"


BAD: list[dict[str, Any]] = [
    {},
    {"prompt": 1},
    {"prompt": "a fox", "model": "no-such-model"},
    {"prompt": "a fox", "width": -5},
    {"prompt": "a fox", "image": "file_unknown"},
    {"model": "truefusion-pro", "input": {}},
    {"model": "truefusion-pro", "input": {"prompt": "a fox"}, "more": 1},
]


@pytest.mark.parametrize("body", BAD, ids=str)
async def test_what_a_create_refuses_a_quote_refuses_alike(standing: House, body: dict[str, Any]) -> None:
    quoted = await standing.client.post("/api/quote", json=body)
    path = "/api/predictions" if "input" in body else "/api/generate"
    created = await standing.client.post(path, json=body)
    assert quoted.status_code == created.status_code == 422
    assert {**quoted.json(), "request_id": ""} == {**created.json(), "request_id": ""}


async def test_nothing_is_stored_held_or_moderated(front: House) -> None:
    asked = await front.requests()
    body = {"prompt": "child porn"}
    assert_problem(await front.client.post("/api/generate", json=body), 422, "content_refused")
    assert (await front.client.post("/api/quote", json=body)).status_code == 200
    for table in ("predictions", "ledger", "events", "idempotency_keys"):
        assert await front.rows(f"SELECT * FROM {table}") == []
    assert {name: count for name, count in (await front.requests()).items() if "POST" in name} == {
        name: count for name, count in asked.items() if "POST" in name
    }


async def test_an_admin_is_told_what_the_service_s_budget_has_left(frugal: House) -> None:
    admin = {"x-api-key": await key_for(frugal, scopes=frozenset(Scope))}
    told = (await frugal.client.post("/api/quote", json={"prompt": "a fox"}, headers=admin)).json()
    assert (told["budget_remaining"], told["fits"]) == ("0.1", True)
    made = await frugal.client.post("/api/generate", json={"prompt": "a fox"}, headers=admin)
    left = (await frugal.client.post("/api/quote", json={"prompt": "a fox"}, headers=admin)).json()
    assert Decimal(left["budget_remaining"]) == Decimal("0.1") - Decimal(made.json()["cost"]["held"])


async def test_a_key_is_told_of_its_own_budget_and_whether_all_fit(frugal: House) -> None:
    scopes = frozenset({Scope.CREATE, Scope.READ})
    poor = {"x-api-key": await key_for(frugal, scopes=scopes, budgets=Budgets(daily=Decimal("0.01")))}
    told = (await frugal.client.post("/api/quote", json={"prompt": "a fox"}, headers=poor)).json()
    assert (told["budget_remaining"], told["fits"]) == ("0.01", False)
    free = {"x-api-key": await key_for(frugal, scopes=scopes)}
    many = {"prompt": "a fox", "num_outputs": 4}
    told = (await frugal.client.post("/api/quote", json=many, headers=free)).json()
    assert (told["budget_remaining"], told["fits"]) == (None, Decimal(told["price"]) <= Decimal("0.1"))
