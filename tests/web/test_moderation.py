"""What moderation refuses is refused before anything is made, and told without being repeated."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.ports import free_port
from tests.web.problems import assert_nothing_made, assert_problem

REFUSED = "a lolicon drawing, my own words"


@asynccontextmanager
async def moderated(settings: Settings, emulator: RunningEmulator, **changed: Any) -> AsyncIterator[House]:
    async with open_house(settings.model_copy(update=changed), emulator, with_worker=False) as opened:
        yield opened


async def assert_refused(house: House, path: str, body: dict[str, Any], field: str) -> None:
    answer = await house.client.post(path, json=body, headers={"Idempotency-Key": "order-17"})
    document = assert_problem(answer, 422, "content_refused", field)
    assert "sexual/minors" in document["detail"]
    assert "my own words" not in answer.text
    await assert_nothing_made(house)
    assert await house.rows("SELECT * FROM ledger") == []


async def test_a_refused_prompt_costs_nothing(refusing: House) -> None:
    order = {"model": "truefusion-pro", "input": {"prompt": REFUSED}}
    await assert_refused(refusing, "/api/predictions", order, "input.prompt")


async def test_a_refused_negative_prompt_too(refusing: House) -> None:
    order = {"model": "truefusion-pro", "input": {"prompt": "a fox", "negative_prompt": f"blurry, {REFUSED}"}}
    await assert_refused(refusing, "/api/predictions", order, "input.negative_prompt")


async def test_a_form_is_judged_like_any_other(refusing: House) -> None:
    await assert_refused(refusing, "/api/generate", {"prompt": "l 0 l i c 0 n, my own words"}, "input.prompt")


async def test_one_refused_order_refuses_its_batch(refusing: House) -> None:
    orders = [{"model": "truefusion-pro", "input": {"prompt": prompt}} for prompt in ("a fox", REFUSED)]
    await assert_refused(refusing, "/api/batches", {"predictions": orders}, "predictions.1.input.prompt")


async def test_an_input_that_does_not_fit_is_told_so_first(refusing: House) -> None:
    order = {"model": "truefusion-pro", "input": {"prompt": REFUSED, "width": -1}}
    assert_problem(await refusing.client.post("/api/predictions", json=order), 422, "invalid_request", "input.width")


async def test_without_moderation_the_provider_judges_alone(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    async with moderated(settings, fresh_emulator, moderation="off") as house:
        assert (await house.create(REFUSED)).status_code == 201


@pytest.fixture
def nobody() -> dict[str, Any]:
    return {
        "moderation": "endpoint",
        "moderation_url": f"http://127.0.0.1:{free_port()}/v1/moderations",
        "moderation_api_key": SecretStr("mk-planted"),
    }


async def test_an_endpoint_that_is_away_stops_creates(
    settings: Settings, fresh_emulator: RunningEmulator, nobody: dict[str, Any]
) -> None:
    async with moderated(settings, fresh_emulator, **nobody) as house:
        document = assert_problem(await house.create(), 503, "moderation_unavailable")
        assert document["retry_after"] == 5
        assert_problem(await house.create(REFUSED), 422, "content_refused")
        await assert_nothing_made(house)


async def test_an_endpoint_that_is_away_stops_nothing_where_that_is_allowed(
    settings: Settings, fresh_emulator: RunningEmulator, nobody: dict[str, Any]
) -> None:
    async with moderated(settings, fresh_emulator, **nobody, moderation_on_trouble="allow") as house:
        assert (await house.create()).status_code == 201
        assert_problem(await house.create(REFUSED), 422, "content_refused")
