"""Whatever the provider does with a create it took, it is bought once and ends stored; else the reason is true."""

import hashlib
from typing import Any

import pytest

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually_async, open_house

Faults = dict[str, Any]

STILL_STORED: dict[str, Faults] = {
    "no delivery ever comes": {"drop": 1},
    "the end is delivered before the create is answered": {"early": 1},
    "every delivery comes twice": {"duplicate": 1},
    "the end is delivered before the start": {"reorder": 1},
    "a forged delivery comes besides": {"forge": 1},
    "deliveries are altered on the way": {"alter": 1},
    "the create's reply is cut": {"reply_cut": 1},
    "the create's reply is cut and no delivery comes": {"reply_cut": 1, "drop": 1},
    "the create is answered with 500": {"reply_500": 1},
    "the create is answered by a gateway's page": {"reply_502": 1},
    "the create is answered with HTML and 200": {"reply_garbage": 1, "drop": 1},
    "the create is answered with status false and an id": {"reply_false": 1, "drop": 1},
    "the create is refused for its rate at first": {"refuse_429": {"share": 1, "times": 1, "seconds": 1}},
    "the create finds the service unavailable at first": {"refuse_503": {"share": 1, "times": 2, "seconds": 0}},
    "status reads fail at first": {"drop": 1, "get_500": 1, "get_502": 1, "get_429": {"share": 1, "seconds": 0}},
    "status reads know nothing of it at first": {"drop": 1, "get_404": {"share": 1, "times": 3}},
    "the delivered link is stale": {"stale_link": 1},
    "the delivered link is stale and the fresh one breaks at first": {"stale_link": 1, "cdn_reset": 1},
    "a contradicting delivery follows": {"contradict": 1},
    "the CDN breaks at first": {"cdn_500": 1},
    "the CDN limits at first": {"cdn_429": 1},
    "the CDN resets at first": {"cdn_reset": 1},
    "the CDN sends too little at first": {"cdn_truncate": 1},
    "the CDN cuts its chunks at first": {"cdn_truncate_chunked": 1},
    "the CDN sends another length at first": {"cdn_wrong_length": 1},
    "the CDN names the wrong type": {"cdn_wrong_type": 1},
    "the CDN names no length": {"cdn_close": 1},
    "the CDN redirects within itself": {"cdn_redirect": 1},
    "the bill is nonsense": {"absurd_cost": {"share": 1, "value": "nan"}},
}

FAILED_FOR: dict[str, tuple[Faults, str]] = {
    "the job fails": ({"fail": 1}, "provider_failed"),
    "its moderation refuses the picture": ({"nsfw": 1}, "content_filtered"),
    "its moderation refuses the prompt": ({"content_policy": 1}, "content_filtered"),
    "our account is empty": ({"insufficient_credits": 1}, "rejected"),
    "the outputs were deleted too soon": ({"expire_early": {"share": 1, "seconds": 0}, "drop": 1}, "output_lost"),
    "the output is a page with a script": ({"cdn_html": 1}, "output_rejected"),
    "the output is a drawing with a script": ({"cdn_svg": 1}, "output_rejected"),
    "the output behind a fresh link is a page": ({"stale_link": 1, "cdn_html": 1}, "output_rejected"),
    "the output has too many pixels": ({"cdn_pixel_bomb": 1}, "output_rejected"),
    "the output is compressed beyond judging": ({"cdn_gzip": 1}, "output_rejected"),
    "the output leads into a private network": ({"cdn_redirect_private": 1}, "output_rejected"),
}


@pytest.mark.parametrize("faults", STILL_STORED.values(), ids=STILL_STORED)
async def test_it_is_bought_once_and_stored_although(house: House, faults: Faults) -> None:
    await house.faults(**faults)
    created = (await house.create()).json()

    final = await house.final(created["id"])

    assert (final["status"], final["error"]) == ("succeeded", None)
    (sold,) = await house.ledger()
    (row,) = await house.rows("SELECT provider_id FROM predictions")
    assert row["provider_id"] == sold["id"]
    picture = await house.client.get(final["output"][0])
    (truth,) = (await house.truth())[sold["id"]]
    assert hashlib.sha256(picture.content).hexdigest() == final["files"][0]["sha256"] == truth["sha256"]


@pytest.mark.parametrize(("faults", "code"), FAILED_FOR.values(), ids=FAILED_FOR)
async def test_the_failure_is_named_when(house: House, faults: Faults, code: str) -> None:
    await house.faults(**faults)
    created = (await house.create()).json()

    final = await house.final(created["id"])

    assert (final["status"], final["output"]) == ("failed", None)
    assert final["error"]["code"] == code
    assert list((house.settings.blobs_folder).glob("??/*")) == []


async def test_the_look_that_found_the_end_stands_in_the_receipt(house: House) -> None:
    await house.faults(drop=1)
    final = await house.final((await house.create()).json()["id"])
    receipt = (await house.client.get(f"/api/predictions/{final['id']}/receipt")).json()
    looks = [entry["detail"]["outcome"] for entry in receipt["timeline"] if entry["kind"] == "looked"]
    assert looks[-1:] == ["succeeded"]


async def test_what_was_looked_at_often_is_not_given_up_for_a_few_looks_that_did_not_find_it(house: House) -> None:
    await house.faults(drop=1, get_404={"share": 1, "times": 3})
    created = (await house.create()).json()
    await eventually_async(lambda: _hurried(house, often=20))
    assert (await house.final(created["id"]))["status"] == "succeeded"


async def test_what_look_after_look_does_not_find_has_failed_and_costs_nothing(house: House) -> None:
    await house.faults(drop=1, get_404={"share": 1, "times": None})
    created = (await house.create()).json()
    await eventually_async(lambda: _looked_for(house, 6))
    final = await house.final(created["id"])
    assert (final["status"], final["error"]["code"]) == ("failed", "provider_failed")
    assert final["error"]["message"] == "The provider no longer knows this prediction."
    assert await house.rows("SELECT 1 FROM predictions WHERE held <> 0") == []


async def _looked_for(house: House, times: int) -> bool:
    await _hurried(house)
    (looks,) = await house.rows("SELECT count(*) AS made FROM events WHERE kind = 'looked'")
    return int(looks["made"]) >= times


async def _hurried(house: House, often: int | None = None) -> bool:
    """The next look is due, as if it had been looked at so often."""
    hurried = "UPDATE predictions SET due_at = now(), attempts = coalesce($1, attempts)"
    waiting = "WHERE work = 'reconcile' AND attempt_token IS NULL RETURNING 1"
    return bool(await house.rows(f"{hurried} {waiting}", often))


async def test_one_lost_output_of_four_fails_it_and_the_others_are_listed(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    settings = settings.model_copy(update={"skytells_output_lifetime_seconds": 2})
    async with open_house(settings, fresh_emulator) as house:
        await house.faults(cdn_404={"share": 1, "position": 2})
        body = {"model": "truefusion-pro", "input": {"prompt": "four foxes", "num_outputs": 4}}
        created = (await house.client.post("/api/predictions", json=body)).json()

        final = await house.final(created["id"])

        assert (final["status"], final["error"]["code"]) == ("failed", "output_lost")
        assert [file["state"] for file in final["files"]] == ["stored", "stored", "lost", "stored"]


async def test_the_terminal_event_of_one_picture_costs_one_download(house: House) -> None:
    await house.faults(duplicate={"share": 1, "copies": 5})
    created = (await house.create()).json()
    await house.final(created["id"])

    assert (await house.requests())["GET /cdn"] == 1
