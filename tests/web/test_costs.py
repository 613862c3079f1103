"""Costs: what was spent, what is held, what is left, and whether the provider says the same."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.actions.check_balances import check_balances
from app.actions.compare_books import compare_books
from app.bootstrap import budget_policy, open_services
from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.problems import assert_problem


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"daily_budget": Decimal(1)})


async def test_costs_tell_what_was_spent_and_what_is_left(house: House) -> None:
    for prompt in ("one", "two"):
        await house.final((await house.create(prompt)).json()["id"])
    costs = (await house.client.get("/api/costs")).json()
    shown = {name: costs[name] for name in ("today", "total", "held", "daily_budget", "budget_remaining", "currency")}
    assert shown == {
        "today": "0.06",
        "total": "0.06",
        "held": "0",
        "daily_budget": "1",
        "budget_remaining": "0.94",
        "currency": "USD",
    }
    day = {"name": costs["day"], "label": None, "captured": "0.06", "predictions": 2}
    assert costs["days"] == [day]
    assert costs["models"] == [day | {"name": "truefusion-pro"}]
    assert costs["providers"] == [day | {"name": "skytells"}]


async def test_what_is_held_is_not_left(front: House) -> None:
    await front.create()
    costs = (await front.client.get("/api/costs?days=1")).json()
    assert (costs["held"], costs["today"], costs["budget_remaining"]) == ("0.03", "0", "0.97")


@pytest.mark.parametrize("days", ["0", "-1", "367", "many", "1.5", "٣", "9" * 400])
async def test_a_window_that_makes_no_sense_is_refused(front: House, days: str) -> None:
    assert_problem(await front.client.get("/api/costs", params={"days": days}), 422, "invalid_request")


async def test_our_books_agree_with_the_provider_s_and_a_purchase_we_lost_shows(house: House) -> None:
    await house.final((await house.create()).json()["id"])
    lost = await house.final((await house.create("lost")).json()["id"])
    async with open_services(house.settings) as services:
        policy = budget_policy(house.settings)
        compared = await compare_books(services.database, services.providers, policy, every=timedelta())
        assert [each.difference for each in compared] == [0, 0]
        assert await compare_books(services.database, services.providers, policy) == []

        await house.rows("DELETE FROM predictions WHERE id = $1::uuid", lost["id"])
        await house.rows("DELETE FROM ledger WHERE prediction_id = $1::uuid", lost["id"])
        fresh = await compare_books(services.database, services.providers, policy, every=timedelta())
        assert fresh[-1].unknown_here == 0  # too new: its create may still be under way
        late = await compare_books(
            services.database, services.providers, policy, every=timedelta(), settling=timedelta()
        )
        assert (late[-1].unknown_here, late[-1].difference) == (1, Decimal("-0.03"))
        assert await check_balances(services.database) != []


async def test_a_receipt_has_the_money_in_it(house: House) -> None:
    made = await house.final((await house.create()).json()["id"])
    receipt = (await house.client.get(made["urls"]["receipt"])).json()
    money = [entry for entry in receipt["timeline"] if entry["kind"] in ("hold", "capture", "release")]
    assert [(entry["kind"], entry["detail"]["usd"]) for entry in money] == [("hold", "0.03"), ("capture", "0.03")]


async def test_the_ledger_outlives_a_deleted_prediction(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    async with open_house(settings, fresh_emulator) as house:
        made = await house.final((await house.create()).json()["id"])
        assert (await house.client.delete(f"/api/predictions/{made['id']}")).status_code == 200
        assert (await house.client.get("/api/costs")).json()["total"] == "0.03"
