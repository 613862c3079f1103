"""A provider that hands its picture over in the answer, and keeps none: what is paid for ends stored all the same."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually, eventually_async, open_house
from tests.providers.stability.picture_server import PictureServer, picture_server
from tests.providers.stability.samples import KEY, PNG, data_uri


@pytest.fixture
async def stability() -> AsyncIterator[PictureServer]:
    async with picture_server() as server:
        yield server


@pytest.fixture
def buying_there(settings: Settings, stability: PictureServer) -> Settings:
    changes = {
        "stability_api_key": SecretStr(KEY),
        "stability_base_url": stability.url,
        "adopt_within_seconds": 1,
        "worker_lease_seconds": 1,
    }
    return settings.model_copy(update=changes)


@pytest.fixture
async def there(buying_there: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    async with open_house(buying_there, fresh_emulator) as opened:
        yield opened


async def order(house: House, model: str = "stable-image-core", **given: Any) -> str:
    body = {"provider": "stability", "model": model, "input": {"prompt": "a red fox"} | given}
    answer = await house.client.post("/api/predictions", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def booked(house: House) -> list[tuple[str, Decimal]]:
    rows = await house.rows("SELECT kind, captured FROM ledger WHERE kind <> 'hold'")
    return [(row["kind"], row["captured"]) for row in rows]


def blobs(house: House) -> list[Any]:
    return list(house.settings.blobs_folder.glob("??/*"))


async def test_a_picture_that_came_in_the_answer_is_stored_and_booked(there: House, stability: PictureServer) -> None:
    final = await there.final(await order(there, "inpaint", image=data_uri(), grow_mask=7))

    assert (final["status"], final["error"]) == ("succeeded", None)
    assert (await there.client.get(final["output"][0])).content == PNG
    assert (final["files"][0]["width"], final["files"][0]["content_type"]) == (64, "image/png")
    (sold,) = stability.sold
    assert (sold.fields["image"], sold.fields["grow_mask"]) == (PNG, b"7")
    assert await booked(there) == [("capture", Decimal("0.05"))]
    receipt = (await there.client.get(f"/api/predictions/{final['id']}/receipt")).text
    assert "343940597" in receipt and "req-1" in receipt


async def test_a_blurred_picture_is_booked_and_not_stored(there: House, stability: PictureServer) -> None:
    stability.filters = True
    final = await there.final(await order(there))
    assert (final["status"], final["error"]["code"]) == ("failed", "content_filtered")
    assert await booked(there) == [("capture", Decimal("0.03"))]
    assert blobs(there) == []


async def test_an_answer_that_broke_off_ends_as_unknown_and_is_not_bought_again(
    there: House, stability: PictureServer
) -> None:
    stability.cuts = True
    final = await there.final(await order(there))
    assert (final["status"], final["error"]["code"]) == ("failed", "purchase_unknown")
    assert len(stability.sold) == 1
    assert await booked(there) == [("release", Decimal(0))]


async def test_a_long_create_is_nobody_elses_meanwhile(there: House, stability: PictureServer) -> None:
    stability.gate.clear()
    prediction_id = await order(there)
    dues: set[object] = set()

    async def extended_often() -> bool:
        (row,) = await there.rows("SELECT due_at FROM predictions")
        dues.add(row["due_at"])
        return len(dues) > 5

    await eventually_async(extended_often)
    stability.gate.set()
    assert (await there.final(prediction_id))["status"] == "succeeded"
    assert len(stability.sold) == 1


async def test_what_comes_although_it_was_canceled_is_stored_and_booked(there: House, stability: PictureServer) -> None:
    stability.gate.clear()
    prediction_id = await order(there)
    await eventually(lambda: len(stability.sold) == 1)
    asked = (await there.client.post(f"/api/predictions/{prediction_id}/cancel")).json()
    assert asked["stage"] == "canceling"
    stability.gate.set()
    final = await there.final(prediction_id)
    assert (final["status"], len(final["output"])) == ("succeeded", 1)
    assert await booked(there) == [("capture", Decimal("0.03"))]


async def test_a_worker_that_is_told_to_stop_waits_for_the_answer(
    buying_there: Settings, fresh_emulator: RunningEmulator, stability: PictureServer
) -> None:
    stability.gate.clear()
    async with open_house(buying_there, fresh_emulator, with_worker=False) as front:
        async with open_house(buying_there, fresh_emulator):
            prediction_id = await order(front)
            await eventually(lambda: len(stability.sold) == 1)
            asyncio.get_running_loop().call_later(0.3, stability.gate.set)
        (row,) = await front.rows("SELECT status FROM predictions")
        assert row["status"] == "succeeded"
        assert (await front.final(prediction_id))["status"] == "succeeded"


async def test_a_create_that_a_stop_cuts_is_never_sent_again(
    buying_there: Settings, fresh_emulator: RunningEmulator, stability: PictureServer
) -> None:
    stability.gate.clear()
    hasty = buying_there.model_copy(update={"worker_drain_seconds": 0})
    async with open_house(hasty, fresh_emulator) as house:
        await order(house)
        await eventually(lambda: len(stability.sold) == 1)
    stability.gate.set()
    async with open_house(buying_there, fresh_emulator) as house:
        (row,) = await house.rows("SELECT id, status FROM predictions")
        assert row["status"] == "starting"
        final = await house.final(str(row["id"]))
        assert (final["status"], final["error"]["code"]) == ("failed", "purchase_unknown")
    assert len(stability.sold) == 1


async def _created_again(house: House) -> str:
    """Once the web's own connections are found to be lost: until then a create may be a 503, which buys nothing."""
    answers: list[httpx.Response] = []

    async def is_made() -> bool:
        answers.append(await house.create())
        return answers[-1].status_code == 201

    await eventually_async(is_made)
    return str(answers[-1].json()["id"])


async def test_a_lost_connection_of_the_queue_does_not_cut_a_create(
    buying_there: Settings, fresh_emulator: RunningEmulator, stability: PictureServer
) -> None:
    stability.gate.clear()
    hasty = buying_there.model_copy(update={"worker_drain_seconds": 0})
    async with open_house(hasty, fresh_emulator) as house:
        prediction_id = await order(house)
        await eventually(lambda: len(stability.sold) == 1)
        await house.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert (await house.final(await _created_again(house)))["status"] == "succeeded"
        stability.gate.set()
        assert (await house.final(prediction_id))["status"] == "succeeded"
    assert len(stability.sold) == 1
