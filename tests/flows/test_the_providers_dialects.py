"""Whichever of its documented spellings Skytells uses, the same prediction comes out."""

from typing import Any

import pytest

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house

SPOKEN: dict[str, dict[str, Any]] = {
    "the documentation's statuses": {"status_vocabulary": "docs"},
    "enveloped deliveries": {"webhook_body": "envelope"},
    "prefixed signatures": {"signature": "sha256="},
    "outputs as one string": {"output": "string"},
    "the model as a slug": {"model": "string"},
    "a create answered with 200": {"create_status": 200},
    "a bare list": {"list_shape": "array"},
}


@pytest.mark.parametrize("words", SPOKEN.values(), ids=SPOKEN)
async def test_a_prediction_succeeds_with(house: House, words: dict[str, Any]) -> None:
    await house.dialect(**words)
    created = (await house.create()).json()
    assert (await house.final(created["id"]))["status"] == "succeeded"


@pytest.mark.parametrize("shape", ["A", "B", "C"])
async def test_a_refusal_is_understood_in_error_shape(house: House, shape: str) -> None:
    await house.dialect(error_shape=shape)
    await house.faults(insufficient_credits=1)
    created = (await house.create()).json()

    error = (await house.final(created["id"]))["error"]

    assert (error["code"], error["provider_code"]) == ("rejected", "INSUFFICIENT_CREDITS")


async def test_a_failed_prediction_that_answers_502_is_a_failure_and_no_outage(house: House) -> None:
    await house.dialect(failed_get="502")
    await house.faults(fail=1, drop=1)
    created = (await house.create()).json()
    assert (await house.final(created["id"]))["error"]["code"] == "provider_failed"


@pytest.mark.parametrize("shape", ["envelope", "array"])
async def test_a_lost_reply_is_found_in_a_list_that_is(house: House, shape: str) -> None:
    await house.dialect(list_shape=shape)
    await house.faults(reply_cut=1, drop=1)
    created = (await house.create()).json()
    assert (await house.final(created["id"]))["status"] == "succeeded"
    assert len(await house.ledger()) == 1


@pytest.mark.parametrize("form", ["string", "object", "object-prediction", "string-filter"])
async def test_the_webhook_is_asked_for_in_the_form(
    settings: Settings, fresh_emulator: RunningEmulator, form: str
) -> None:
    settings = settings.model_copy(update={"skytells_webhook_form": form, "reconcile_max_seconds": 90})
    async with open_house(settings, fresh_emulator) as house:
        created = (await house.create()).json()
        assert (await house.final(created["id"]))["status"] == "succeeded"
        deliveries = await house.rows("SELECT count(*) AS kept FROM deliveries WHERE applied_at IS NOT NULL")
        assert deliveries[0]["kept"] >= 1


async def test_the_worker_may_live_in_the_web_process(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    settings = settings.model_copy(update={"worker_in_web": True})
    async with open_house(settings, fresh_emulator, with_worker=False) as house:
        created = (await house.create()).json()
        assert (await house.final(created["id"]))["status"] == "succeeded"


async def test_the_form_makes_as_many_pictures_as_asked_in_order(house: House) -> None:
    body = {"prompt": "three foxes", "num_outputs": 3, "width": 512, "height": 768}
    created = await house.client.post("/api/generate", json=body)
    final = await house.final(created.json()["id"])
    assert final["status"] == "succeeded"
    assert [(file["position"], file["width"], file["height"]) for file in final["files"]] == [
        (position, 512, 768) for position in range(3)
    ]
    assert len(set(final["output"])) == 3


async def test_the_form_counts_pictures_in_the_model_s_own_words(house: House) -> None:
    body = {"prompt": "two foxes", "num_outputs": 2, "model": "truefusion"}
    created = await house.client.post("/api/generate", json=body)
    final = await house.final(created.json()["id"])
    assert len(final["output"]) == final["input"]["number_of_images"] == 2
