"""Budgets at the door: what does not fit is a 429 that says until when, and buys nothing."""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.problems import assert_problem


def order(prompt: str = "a red fox", **given: Any) -> dict[str, Any]:
    return {"model": "truefusion-pro", "input": {"prompt": prompt, **given}}


def with_budget(settings: Settings, amount: str, **more: Any) -> Settings:
    return settings.model_copy(update={"daily_budget": Decimal(amount), **more})


async def test_a_create_beyond_the_budget_is_refused_until_midnight(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    async with open_house(with_budget(settings, "0.09"), fresh_emulator) as house:
        made = await house.client.post("/api/predictions", json=order(num_outputs=2))
        refused = await house.client.post("/api/predictions", json=order(num_outputs=2))
        smaller = await house.client.post("/api/predictions", json=order())
        assert [made.status_code, refused.status_code, smaller.status_code] == [201, 429, 201]
        problem = assert_problem(refused, 429, "budget_exceeded")
        assert 0 < problem["retry_after"] <= 86_400
        assert refused.headers["retry-after"] == str(problem["retry_after"])
        finals = [await house.final(each.json()["id"]) for each in (made, smaller)]
        assert [final["cost"] for final in finals] == [
            {"currency": "USD", "held": None, "captured": "0.06"},
            {"currency": "USD", "held": None, "captured": "0.03"},
        ]
        assert len(await house.ledger()) == 2


async def test_while_it_is_made_its_price_is_held(front: House) -> None:
    made = (await front.client.post("/api/predictions", json=order(num_outputs=4))).json()
    assert made["cost"] == {"currency": "USD", "held": "0.12", "captured": None}


async def test_on_two_processes_just_as_many_are_admitted_as_the_budget_covers(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    capped = with_budget(settings, "0.60")
    async with (
        open_house(capped, fresh_emulator, with_worker=False) as one,
        open_house(capped, fresh_emulator, with_worker=False) as two,
    ):
        asked = [
            (one, two)[number % 2].client.post("/api/predictions", json=order(f"{number}")) for number in range(60)
        ]
        statuses = Counter(answer.status_code for answer in await asyncio.gather(*asked))
        assert statuses == {201: 20, 429: 40}
        assert (await one.rows("SELECT sum(held) AS held FROM ledger"))[0]["held"] == Decimal("0.60")


async def test_a_failed_prediction_gives_its_hold_back(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    async with open_house(with_budget(settings, "0.03"), fresh_emulator) as house:
        await house.faults(fail=1)
        first = await house.final((await house.create()).json()["id"])
        assert (first["status"], first["cost"]["captured"]) == ("failed", None)
        await house.faults()
        assert (await house.final((await house.create()).json()["id"]))["status"] == "succeeded"
        assert_problem(await house.create(), 429, "budget_exceeded")


@pytest.mark.parametrize("value", ["negative", "nan", "huge", "none", "text"])
async def test_an_absurd_bill_is_kept_aside_and_the_prediction_delivered(house: House, value: str) -> None:
    await house.faults(absurd_cost={"share": 1, "value": value})
    final = await house.final((await house.create()).json()["id"])
    assert (final["status"], final["cost"]["captured"]) == ("succeeded", "0.03")
    [capture] = await house.rows("SELECT captured, note FROM ledger WHERE kind = 'capture'")
    assert (capture["captured"], capture["note"]) == (Decimal("0.03"), "estimated")


async def test_a_replayed_create_holds_nothing_more(front: House) -> None:
    for _ in range(3):
        assert (await front.create(**{"Idempotency-Key": "once"})).status_code == 201
    assert (await front.rows("SELECT count(*) AS holds FROM ledger"))[0]["holds"] == 1


async def test_a_model_without_a_price_is_refused_by_name_unless_there_is_a_ceiling(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    await _without_prices(fresh_emulator)
    async with open_house(settings, fresh_emulator, with_worker=False) as house:
        unpriced = {"model": "flux-pro", "input": {"prompt": "a red fox"}}
        problem = assert_problem(await house.client.post("/api/predictions", json=unpriced), 422, "price_unknown")
        assert problem["errors"] == [{"field": "model", "message": "has no known price"}]
    ceiling = settings.model_copy(update={"ceiling_price": Decimal("0.50")})
    async with open_house(ceiling, fresh_emulator, with_worker=False) as house:
        made = await house.client.post("/api/predictions", json=unpriced)
        assert made.json()["cost"]["held"] == "0.5"


async def _without_prices(emulator: RunningEmulator) -> None:
    async with httpx.AsyncClient(base_url=emulator.url, trust_env=False) as client:
        (await client.post("/_dialect", json={"pricing": "hidden"})).raise_for_status()
