"""Creates by a face, sent again because the line dropped: bought once. The same ordered twice: bought twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.actions import guard_retry
from app.actions.admission import Admission
from app.actions.create_prediction import create_prediction
from app.actions.disk_space import Space
from app.actions.list_models import ModelList
from app.bootstrap import open_services
from app.bootstrap.services import Services
from app.domain.caller import Caller
from app.domain.errors import TemporarilyUnavailable
from app.domain.order import Maker, Order
from app.providers.price_table import load_prices
from app.settings import Settings
from app.storage.pulse import Pulse
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually_async, open_house
from tests.web.steps import database_of, key_for
from tests.web.test_slow_clients import Line, line_to

PATH = "/replicate/v1/models/skytells/truefusion-pro/predictions"
BODY = {"input": {"prompt": "a red fox"}}


@asynccontextmanager
async def asking(house: House, body: Any = BODY, **headers: str) -> AsyncIterator[Line]:
    """One that is sent whole, and waits long for its answer."""
    raw = json.dumps(body).encode()
    told = {"Host": "localhost", "Content-Type": "application/json", "Prefer": "wait=30", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    async with line_to(house) as line:
        line.say(f"POST {PATH} HTTP/1.1\r\n{lines}Content-Length: {len(raw)}\r\n\r\n".encode(), raw)
        yield line


async def again(house: House, body: Any = BODY, **headers: str) -> str:
    """The id of what the answer tells."""
    answer = await house.client.post(PATH, json=body, headers=headers)
    assert answer.status_code in (201, 202), answer.text
    return str(answer.json()["id"])


async def made(house: House) -> list[str]:
    return [str(row["id"]) for row in await house.rows("SELECT id FROM predictions ORDER BY id")]


async def dropped(house: House, times: int = 1, **headers: str) -> list[str]:
    """Bought side by side, each with its line cut before its answer."""
    async with AsyncExitStack() as lines:
        for _ in range(times):
            await lines.enter_async_context(asking(house, **headers))

        async def are_bought() -> bool:
            return len(await made(house)) == times

        await eventually_async(are_bought)
    return await made(house)


async def test_a_create_whose_line_dropped_is_answered_to_who_asks_again(front: House) -> None:
    first = await dropped(front)
    assert await again(front) in first
    assert await made(front) == first


async def test_its_retry_may_wait_for_the_end(house: House) -> None:
    await house.dialect(duration=0.5)
    (first,) = await dropped(house)
    answer = await house.client.post(PATH, json=BODY, headers={"Prefer": "wait=20"})
    assert (answer.json()["id"], answer.json()["status"]) == (first, "succeeded")
    assert len(await house.ledger()) == 1


async def test_what_was_answered_is_ordered_anew(front: House) -> None:
    first = await again(front)
    assert [first, await again(front), await again(front)] == await made(front)


async def test_a_retry_that_was_answered_ends_it(front: House) -> None:
    await dropped(front)
    first = await again(front)
    assert await again(front) != first
    assert len(await made(front)) == 2


async def test_a_retry_whose_line_drops_too_hands_it_on(front: House) -> None:
    first = await dropped(front)
    for _ in range(3):
        async with asking(front):
            await held(front, 1)
    assert await again(front) in first
    assert await made(front) == first


async def held(house: House, open_ones: int) -> None:
    async def are_held() -> bool:
        query = "SELECT count(*) AS held FROM handovers WHERE state = 'open' AND prediction_id IS NOT NULL"
        return bool((await house.rows(query))[0]["held"] == open_ones)

    await eventually_async(are_held)


async def test_four_side_by_side_are_four(house: House) -> None:
    answers = await asyncio.gather(
        *(house.client.post(PATH, json=BODY, headers={"Prefer": "wait=20"}) for _ in range(4))
    )
    assert {answer.json()["status"] for answer in answers} == {"succeeded"}, [answer.text for answer in answers]
    assert len({answer.json()["id"] for answer in answers}) == len(await house.ledger()) == 4


async def test_four_that_dropped_are_four_when_each_is_sent_again(front: House) -> None:
    first = await dropped(front, 4)
    answers = await asyncio.gather(*(again(front) for _ in range(4)))
    assert sorted(answers) == first == await made(front)
    assert await again(front) not in first


async def test_only_the_same_is_the_same(front: House) -> None:
    """Another body, another key, another face, another way of asking."""
    ann, bob = await key_for(front, "ann"), await key_for(front, "bob")
    first = await dropped(front, 1, **{"Authorization": f"Bearer {ann}"})
    mine = {"Authorization": f"Bearer {ann}"}
    others = [
        await again(front, BODY, Authorization=f"Bearer {bob}"),
        await again(front, BODY, Authorization=f"Bearer {await key_for(front, 'ann')}"),
        await again(front, {"input": {"prompt": "a red hare"}}, **mine),
        await again(front, {**BODY, "webhook": "https://example.com/hook"}, **mine),
        await again(front, BODY, **{**mine, "Idempotency-Key": "order-17"}),
        (await front.client.post("/api/predictions", json={"model": "truefusion-pro", **BODY}, headers=mine)).json()[
            "id"
        ],
    ]
    assert len({*first, *others}) == 7
    assert await again(front, BODY, **mine) in first


async def test_it_is_remembered_for_a_while(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    forgetful = settings.model_copy(update={"retry_guard_seconds": 0.2})
    async with open_house(forgetful, fresh_emulator, with_worker=False) as front:
        first = await dropped(front)
        await held(front, 0)

        async def is_old() -> bool:
            query = "SELECT max(seen_at) < clock_timestamp() - interval '0.2 seconds' AS is_old FROM handovers"
            return bool((await front.rows(query))[0]["is_old"])

        await eventually_async(is_old)
        assert await again(front) not in first


@pytest.mark.parametrize("fate", ["canceled", "deleted"])
async def test_what_its_owner_wants_no_more_is_not_brought_back(front: House, fate: str) -> None:
    (first,) = await dropped(front)
    await front.client.post(f"/api/predictions/{first}/cancel")
    if fate == "deleted":
        await front.client.delete(f"/api/predictions/{first}")
    assert await again(front) != first


async def test_a_key_may_go_without(front: House) -> None:
    mine = {"Authorization": f"Bearer {await key_for(front, retry_guard=False)}"}
    first = await dropped(front, 1, **mine)
    assert await again(front, **mine) not in first
    assert await front.rows("SELECT * FROM handovers") == []


async def test_the_whole_house_may_go_without(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    unguarded = settings.model_copy(update={"retry_guard_seconds": 0})
    async with open_house(unguarded, fresh_emulator, with_worker=False) as front:
        first = await dropped(front)
        assert await again(front) not in first


async def test_what_was_refused_leaves_nothing(front: House) -> None:
    bad = {"input": {"prompt": "a red fox", "width": 1}}
    for _ in range(2):
        answer = await front.client.post(PATH, json=bad)
        assert answer.status_code == 422
    assert await made(front) == []


@pytest.fixture
async def two(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[tuple[House, House]]:
    """Two web processes on one database, as far as they know."""
    async with (
        open_house(settings, fresh_emulator, with_worker=False) as here,
        open_house(settings, fresh_emulator, with_worker=False) as there,
    ):
        yield here, there


async def test_the_retry_may_come_to_another_process(two: tuple[House, House]) -> None:
    here, there = two
    first = await dropped(there)
    assert await again(here) in first
    assert await made(here) == first


async def test_side_by_side_on_two_processes_are_two(two: tuple[House, House]) -> None:
    here, there = two
    async with asking(there):
        await held(there, 1)
        first = await made(there)
        assert await again(here) not in first
    assert len(await made(here)) == 2


async def test_a_process_that_died_dropped_all_its_lines(two: tuple[House, House]) -> None:
    here, _ = two
    first = await dropped(here)
    await held(here, 0)
    await here.rows("UPDATE handovers SET state = 'open', process = gen_random_uuid()")
    assert await again(here) in first


async def test_who_was_taken_for_dead_buys_no_more(front: House, settings: Settings) -> None:
    order = Order(Maker("skytells", "truefusion-pro"), BODY["input"], face="replicate")
    caller, second = Caller("ann"), timedelta(seconds=1)
    identity = guard_retry.identity_of(caller, order)
    async with database_of(front) as database, open_services(settings) as services:
        frozen, _ = await guard_retry.register(database, identity, uuid4(), elapsed=second, within=10 * second)
        await front.rows("DELETE FROM handovers WHERE id = $1", frozen.id)
        with pytest.raises(TemporarilyUnavailable):
            await create_prediction(_admission(services), order, caller=caller, handover=frozen.id)
    assert await made(front) == []


def _admission(services: Services) -> Admission:
    models = ModelList(services.database, services.providers, load_prices(None))
    space = Space(Pulse(services.blobs, good_seconds=1), 0)
    return Admission(services.database, services.providers, models, space)
