"""PyPI `openai` 3.54.0 over a line that drops: it asks three times by itself, without any idempotency key, and one is
bought.

A line that drops before an answer is on its way: of one that a proxy took whole and lost nobody can know.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from tests.clients.cutter import Cutter, cutter
from tests.clients.faces import ann
from tests.house import House
from tests.storage.pictures import encoded


@asynccontextmanager
async def dropping(house: House, after: float) -> AsyncIterator[tuple[AsyncOpenAI, Cutter]]:
    await house.dialect(duration=4)
    async with cutter(house.settings.port, cuts=2, after=after) as line:
        http = DefaultAsyncHttpxClient(trust_env=False)
        async with AsyncOpenAI(api_key=await ann(house), base_url=f"{line.url}/openai/v1", http_client=http) as client:
            yield client, line


@pytest.mark.parametrize("after", [0.0, 0.2])
async def test_three_generations_are_one_purchase(house: House, after: float) -> None:
    async with dropping(house, after) as (client, line):
        made = await client.images.generate(prompt="a red fox")
        assert len(line.came_at) == 3
    assert len(made.data or []) == 1
    assert len(await house.ledger()) == 1


async def test_three_edits_of_the_same_picture_are_one_purchase(house: House) -> None:
    async with dropping(house, 0.2) as (client, line):
        made = await client.images.edit(image=encoded("PNG"), prompt="in winter")
        assert len(line.came_at) == 3
    assert len(made.data or []) == 1
    assert len(await house.ledger()) == 1


async def test_three_streams_are_one_purchase(house: House) -> None:
    async with dropping(house, 0.2) as (client, line):
        stream = await client.images.generate(prompt="a red fox", stream=True)
        assert [event.type async for event in stream] == ["image_generation.completed"]
        assert len(line.came_at) == 3
    assert len(await house.ledger()) == 1
