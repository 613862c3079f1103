"""npm `replicate` 1.4.0 over a line that drops: it sends a create up to six times at once, and one is bought.

A line drops when the request has gone through: at once, while it is being bought, or while its end is waited for.
"""

import asyncio

import pytest

from tests.clients.cutter import cutter
from tests.clients.faces import ann, apart, node_told
from tests.clients.test_npm_client import node
from tests.house import House
from tests.web.test_retry_guard import made

SCRIPT = "replicate_retries.mjs"


@pytest.mark.parametrize(("call", "after"), [("create", 0.0), ("run", 0.0), ("run", 0.01), ("run", 0.03), ("run", 0.2)])
async def test_six_creates_are_one_purchase(house: House, call: str, after: float) -> None:
    await apart(node)
    await house.dialect(duration=3)
    async with cutter(house.settings.port, cuts=5, after=after) as line:
        told = await node_told(SCRIPT, f"{line.url}/replicate/v1", await ann(house), call)
        assert len(line.came_at) == 6
    assert "error" not in told, told
    (bought,) = await made(house)
    headers = {"authorization": f"Bearer {await ann(house)}"}
    ended = await house.client.get(f"/api/predictions/{bought}?wait=20", headers=headers)
    assert ended.json()["status"] == "succeeded"
    assert len(await house.ledger()) == 1


async def test_who_gives_up_after_six_and_runs_it_again_finds_what_was_bought(house: House) -> None:
    await apart(node)
    key = await ann(house)
    async with cutter(house.settings.port, cuts=6, after=0.03) as line:
        told = await node_told(SCRIPT, f"{line.url}/replicate/v1", key, "run")
        assert "fetch failed" in told["error"]
        told = await node_told(SCRIPT, f"{line.url}/replicate/v1", key, "run")
        assert len(told["told"]) == 1
    assert len(await house.ledger()) == 1


async def test_four_runs_side_by_side_over_a_good_line_are_four(house: House) -> None:
    await apart(node)
    key, base = await ann(house), f"http://127.0.0.1:{house.settings.port}/replicate/v1"
    runs = await asyncio.gather(*(node_told(SCRIPT, base, key, "run") for _ in range(4)))
    assert len({run["told"][0] for run in runs}) == len(await house.ledger()) == 4
