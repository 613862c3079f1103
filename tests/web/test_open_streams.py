"""How many streams of events one may have open: so many, and no memory of those that ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack

import httpx
import pytest

from app.domain.errors import TooManyStreams
from app.settings import Settings
from app.web.open_streams import OpenStreams
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually_async, open_house
from tests.web.problems import assert_problem
from tests.web.steps import key_for


@pytest.fixture
async def two_at_most(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    changes = {"max_streams": 2, "auth_required": True}
    async with open_house(settings.model_copy(update=changes), fresh_emulator, with_worker=False) as opened:
        yield opened


async def opened(house: House, stack: AsyncExitStack, path: str = "/api/live", **headers: str) -> httpx.Response:
    return await stack.enter_async_context(house.client.stream("GET", path, headers=headers))


async def status_of(house: House, path: str = "/api/live", **headers: str) -> int:
    async with AsyncExitStack() as stack:
        return (await opened(house, stack, path, **headers)).status_code


async def test_over_the_cap_it_is_said_what_to_do(two_at_most: House) -> None:
    key = {"x-api-key": await key_for(two_at_most)}
    async with AsyncExitStack() as stack:
        assert [(await opened(two_at_most, stack, **key)).status_code for _ in range(2)] == [200, 200]
        refused = await two_at_most.client.get("/api/live", headers=key)
        document = assert_problem(refused, 429, "too_many_streams")
        assert "Close one" in document["detail"] and "retry_after" not in document


async def test_whoever_closes_one_may_open_another(two_at_most: House) -> None:
    key = {"x-api-key": await key_for(two_at_most)}
    async with AsyncExitStack() as stack:
        await opened(two_at_most, stack, **key)
        async with AsyncExitStack() as other:
            await opened(two_at_most, other, **key)
            assert await status_of(two_at_most, **key) == 429

        async def is_let_in() -> bool:
            return await status_of(two_at_most, **key) == 200

        await eventually_async(is_let_in)


async def test_each_key_has_its_own(two_at_most: House) -> None:
    ann, bob = [{"x-api-key": await key_for(two_at_most)} for _ in range(2)]
    async with AsyncExitStack() as stack:
        for key in (ann, ann, bob, bob):
            assert (await opened(two_at_most, stack, **key)).status_code == 200
        assert await status_of(two_at_most, **bob) == 429


async def test_a_prediction_s_events_count_too_and_its_token_by_the_address(two_at_most: House) -> None:
    key = {"x-api-key": await key_for(two_at_most)}
    body = {"model": "truefusion-pro", "input": {"prompt": "a fox"}}
    made = (await two_at_most.client.post("/api/predictions", json=body, headers=key)).json()
    path = f"/api/predictions/{made['id']}/events"
    async with AsyncExitStack() as stack:
        for where in ("/api/live", path):
            assert (await opened(two_at_most, stack, where, **key)).status_code == 200
        assert await status_of(two_at_most, path, **key) == 429
        token = f"{path}?token={made['client_token']}"
        for _ in range(2):
            assert (await opened(two_at_most, stack, token)).status_code == 200
        assert await status_of(two_at_most, token) == 429


async def test_who_is_refused_leaves_no_trace(two_at_most: House) -> None:
    key = {"x-api-key": await key_for(two_at_most)}
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await opened(two_at_most, stack, **key)
        answers = await asyncio.gather(*(two_at_most.client.get("/api/live", headers=key) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {429}

    async def is_let_in() -> bool:
        return await status_of(two_at_most, **key) == 200

    await eventually_async(is_let_in)


def test_what_ended_is_forgotten() -> None:
    streams = OpenStreams(1)
    for number in range(100):
        with streams.one_more(f"key:{number}"):
            pass
    assert not streams._open


def test_zero_is_no_cap_for_one_but_all_together_have_theirs() -> None:
    streams = OpenStreams(0, altogether=3)
    with ExitStack() as stack:
        for who in ("ann", "ann", "bob"):
            stack.enter_context(streams.one_more(who))
        with pytest.raises(TooManyStreams) as refused:
            stack.enter_context(streams.one_more("cat"))
        assert refused.value.retry_after is not None
    with streams.one_more("cat"):
        pass
