"""Another model makes it where the first one surely did not, and never else."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.bootstrap import open_services
from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.flows.submitting import submit
from tests.house import House, open_house
from tests.web.problems import assert_problem

ORDER: dict[str, Any] = {
    "model": "truefusion-pro",
    "input": {"prompt": "a red fox"},
    "fallback": ["flux-pro", {"provider": "skytells", "model": "truefusion"}],
}


async def made_by(house: House, order: dict[str, Any] = ORDER) -> dict[str, Any]:
    created = await house.client.post("/api/predictions", json=order)
    assert created.status_code == 201, created.text
    return await house.final(created.json()["id"])


async def timeline(house: House, prediction: dict[str, Any]) -> list[dict[str, Any]]:
    return list((await house.client.get(prediction["urls"]["receipt"])).json()["timeline"])


async def test_what_the_first_refuses_the_second_makes(house: House) -> None:
    await house.faults(insufficient_credits={"share": 1, "times": 1})
    final = await made_by(house)
    assert (final["status"], final["model"], final["error"]) == ("succeeded", "flux-pro", None)
    assert (final["cost"]["captured"], final["fallback"]) == ("0.05", [])
    assert len(await house.ledger()) == 1
    (told,) = [entry["detail"] for entry in await timeline(house, final) if entry["kind"] == "fell_back"]
    assert told == {
        "from": {"provider": "skytells", "model": "truefusion-pro"},
        "to": {"provider": "skytells", "model": "flux-pro"},
        "why": "rejected",
    }


async def test_a_form_is_put_into_the_words_of_whoever_makes_it(house: House) -> None:
    await house.faults(insufficient_credits={"share": 1, "times": 1})
    form = {"prompt": "a red fox", "num_outputs": 2, "model": "truefusion-pro", "fallback": ["truefusion"]}
    created = (await house.client.post("/api/generate", json=form)).json()
    assert created["input"] == {"prompt": "a red fox", "num_outputs": 2}
    final = await house.final(created["id"])
    assert (final["status"], final["model"], len(final["output"])) == ("succeeded", "truefusion", 2)
    assert final["input"] == {"prompt": "a red fox", "number_of_images": 2}


async def test_a_model_is_named_once_however_it_is_written(front: House) -> None:
    twice = ORDER | {"fallback": ["flux-pro", "skytells/truefusion-pro"]}
    answer = await front.client.post("/api/predictions", json=twice)
    assert answer.json()["errors"] == [{"field": "fallback.1.model", "message": "is named before"}]
    assert await front.rows("SELECT 1 FROM predictions") == []


async def test_the_third_is_asked_where_two_refuse_and_the_last_refusal_counts(house: House) -> None:
    await house.faults(insufficient_credits={"share": 1, "times": 2})
    assert (await made_by(house))["model"] == "truefusion"
    await house.faults(insufficient_credits=1)
    final = await made_by(house)
    assert (final["status"], final["model"], final["error"]["code"]) == ("failed", "truefusion", "rejected")
    assert final["cost"] == {"currency": "USD", "held": None, "captured": None}


@pytest.mark.parametrize("faults", [{"fail": 1}, {"nsfw": 1}, {"content_policy": 1}])
async def test_what_was_accepted_or_refused_for_its_content_goes_to_nobody_else(
    house: House, faults: dict[str, Any]
) -> None:
    await house.faults(**faults)
    final = await made_by(house)
    assert (final["status"], final["model"], final["fallback"]) == ("failed", "truefusion-pro", [])
    assert len(await house.ledger()) == (0 if "content_policy" in faults else 1)


@pytest.mark.parametrize("faults", [{"reply_cut": 1}, {"reply_500": 1, "drop": 1}, {"reply_garbage": 1}])
async def test_what_may_have_been_heard_goes_to_nobody_else(house: House, faults: dict[str, Any]) -> None:
    await house.faults(**faults)
    final = await made_by(house)
    assert (final["status"], final["model"], final["fallback"]) == ("succeeded", "truefusion-pro", [])
    assert [sold["model"] for sold in await house.ledger()] == ["truefusion-pro"]


async def test_who_cannot_be_reached_in_time_is_replaced_by_the_next_with_a_clock_of_its_own(front: House) -> None:
    created = (await front.client.post("/api/predictions", json=ORDER)).json()
    assert created["fallback"] == [
        {"provider": "skytells", "model": "flux-pro"},
        {"provider": "skytells", "model": "truefusion"},
    ]
    (before,) = await front.rows("UPDATE predictions SET deadline_at = now() RETURNING *")
    async with open_services(front.settings) as services:
        await submit(services, before["id"])
    (after,) = await front.rows("SELECT * FROM predictions")
    assert (after["model"], after["work"], after["asked_at"]) == ("flux-pro", "submit", None)
    assert after["deadline_at"] - before["deadline_at"] > timedelta(minutes=9)
    assert after["callback_token"] != before["callback_token"]
    assert after["version"] > before["version"]
    assert await front.ledger() == []
    told = await timeline(front, created)
    assert [entry["detail"]["why"] for entry in told if entry["kind"] == "fell_back"] == ["provider_unreachable"]


async def test_a_late_word_of_the_one_before_is_not_taken_for_the_next_s(front: House) -> None:
    await front.client.post("/api/predictions", json=ORDER)
    (before,) = await front.rows("SELECT callback_token FROM predictions")
    await front.rows("UPDATE predictions SET deadline_at = now()")
    async with open_services(front.settings) as services:
        (row,) = await front.rows("SELECT id FROM predictions")
        await submit(services, row["id"])
    path = f"/api/webhooks/skytells?t={before['callback_token']}"
    late = await front.deliver({"id": "p-late", "status": "succeeded"}, path=path)
    assert late.json() == {"received": True, "matched": False}


async def test_the_dearest_of_them_is_held_and_the_maker_s_bill_is_captured(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    capped = settings.model_copy(update={"daily_budget": Decimal("0.07")})
    async with open_house(capped, fresh_emulator, with_worker=False) as house:
        made = await house.client.post("/api/predictions", json=ORDER)
        assert made.json()["cost"] == {"currency": "USD", "held": "0.05", "captured": None}
        refused = await house.client.post("/api/predictions", json=ORDER | {"fallback": []})
        assert_problem(refused, 429, "budget_exceeded")
    async with open_house(capped, fresh_emulator) as house:
        final = await house.final(made.json()["id"])
        assert (final["model"], final["cost"]["captured"]) == ("truefusion-pro", "0.03")
        costs = (await house.client.get("/api/costs")).json()
        assert (costs["held"], costs["budget_remaining"]) == ("0", "0.04")


@pytest.mark.parametrize(
    ("fallback", "code", "field"),
    [
        (["no-such-model"], "unknown_model", "fallback.0.model"),
        (["flux-pro", {"provider": "nobody", "model": "core"}], "unknown_provider", "fallback.1.provider"),
        (["beatfusion-2.0"], "invalid_request", "fallback.0.input.lyrics"),
        (["truefusion-pro"], "invalid_request", "fallback.0.model"),
        (["flux-pro", {"provider": "skytells", "model": "flux-pro"}], "invalid_request", "fallback.1.model"),
        (["a", "b", "c", "d", "e", "f"], "invalid_request", "fallback"),
    ],
)
async def test_a_list_that_does_not_fit_is_named_and_nothing_is_stored(
    front: House, fallback: list[Any], code: str, field: str
) -> None:
    problem = assert_problem(
        await front.client.post("/api/predictions", json=ORDER | {"fallback": fallback}), 422, code
    )
    assert field in [each["field"] for each in problem["errors"]]
    assert await front.rows("SELECT 1 FROM predictions") == []


async def test_forms_and_batches_take_one_too_and_the_key_remembers_it(front: House) -> None:
    form = await front.client.post("/api/generate", json={"prompt": "a red fox", "fallback": ["flux-pro"]})
    assert form.json()["fallback"] == [{"provider": "skytells", "model": "flux-pro"}]
    assert form.json()["input"] == {"prompt": "a red fox"}
    batch = await front.client.post("/api/batches", json={"predictions": [ORDER]})
    assert len(batch.json()["predictions"][0]["fallback"]) == 2
    wrong = await front.client.post("/api/batches", json={"predictions": [ORDER | {"fallback": ["nothing"]}]})
    problem = assert_problem(wrong, 422, "unknown_model")
    assert [each["field"] for each in problem["errors"]] == ["predictions.0.fallback.0.model"]

    key = {"Idempotency-Key": "album-1"}
    first, again = [await front.client.post("/api/predictions", json=ORDER, headers=key) for _ in range(2)]
    assert first.json()["id"] == again.json()["id"]
    other = await front.client.post("/api/predictions", json=ORDER | {"fallback": ["flux-pro"]}, headers=key)
    assert_problem(other, 422, "idempotency_conflict")
