"""Rate limits: exactly so many, whoever asks and however; and every answer tells how many are left."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.actions.issue_key import rotate_key
from app.settings import Settings
from tests.db.redis_server import redis_server
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.problems import assert_problem
from tests.web.steps import database_of, issued, key_for
from tests.web.wire import Wire

BODY: dict[str, Any] = {"model": "truefusion-pro", "input": {"prompt": "a fox"}}
FORM = {"prompt": "a fox"}
LIMITED = {"rate_limit_generate": "3/hour", "rate_limit_batch": "2/hour"}


@pytest.fixture
async def limiting(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    """Three creates an hour, two batches, and no key needed."""
    async with open_house(settings.model_copy(update=LIMITED), fresh_emulator, with_worker=False) as opened:
        yield opened


async def ask(house: House, times: int, *, key: str = "", path: str = "/api/predictions", **headers: str) -> list[int]:
    """The statuses, one after the other."""
    answers = [await once(house, key=key, path=path, **headers) for _ in range(times)]
    return [answer.status_code for answer in answers]


async def once(house: House, *, key: str = "", path: str = "/api/predictions", **headers: str) -> httpx.Response:
    bodies = {"/api/generate": FORM, "/api/batches": {"predictions": [BODY]}}
    given = headers | ({"x-api-key": key} if key else {})
    return await house.client.post(path, json=bodies.get(path, BODY), headers=given)


def left(answer: httpx.Response) -> int:
    """How many requests the answer says are left."""
    policy, standing = answer.headers["ratelimit-policy"], answer.headers["ratelimit"]
    assert policy == '"create";q=3;w=3600'
    found = re.fullmatch(r'"create";r=(\d+);t=(\d+)', standing)
    assert found is not None and 3500 < int(found[2]) <= 3600, standing
    return int(found[1])


async def test_as_many_as_the_limit_are_let_in_and_then_none(limiting: House) -> None:
    assert await ask(limiting, 5) == [201, 201, 201, 429, 429]
    (row,) = await limiting.rows("SELECT count(*) AS made FROM predictions")
    assert row["made"] == 3


async def test_every_answer_tells_how_many_are_left(limiting: House) -> None:
    assert [left(await once(limiting)) for _ in range(5)] == [2, 1, 0, 0, 0]


async def test_who_is_refused_is_told_when_the_window_ends(limiting: House) -> None:
    await ask(limiting, 3)
    document = assert_problem(await once(limiting), 429, "rate_limited")
    assert 3500 < document["retry_after"] <= 3600


async def test_after_the_window_s_end_all_are_back(limiting: House) -> None:
    await ask(limiting, 4)
    await limiting.rows("UPDATE rate_limits SET expires_at = now()")
    answer = await once(limiting)
    assert (answer.status_code, left(answer)) == (201, 2)


async def test_both_ways_to_create_are_counted_together_and_batches_apart(limiting: House) -> None:
    assert await ask(limiting, 2) == [201, 201]
    assert await ask(limiting, 2, path="/api/generate") == [201, 429]
    assert await ask(limiting, 1) == [429]
    batches = [await once(limiting, path="/api/batches") for _ in range(3)]
    assert [answer.status_code for answer in batches] == [201, 201, 429]
    assert [answer.headers["ratelimit-policy"] for answer in batches] == ['"batch";q=2;w=3600'] * 3


async def test_refused_requests_count_too_and_say_so(limiting: House) -> None:
    bad = await limiting.client.post("/api/predictions", json={"model": "truefusion-pro"})
    assert_problem(bad, 422, "invalid_request")
    assert left(bad) == 2
    assert left(await limiting.client.post("/api/predictions", content=b"no json")) == 1


async def test_over_the_limit_a_body_is_not_even_read(limiting: House) -> None:
    await ask(limiting, 3)
    assert_problem(await limiting.client.post("/api/predictions", content=b"no json"), 429, "rate_limited")


async def test_a_replay_is_a_request_like_any_other(limiting: House) -> None:
    headers = {"Idempotency-Key": "order-1"}
    assert await ask(limiting, 4, **headers) == [201, 201, 201, 429]


async def test_reads_are_not_limited(limiting: House) -> None:
    await ask(limiting, 4)
    answer = await limiting.client.get("/api/predictions")
    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers


async def test_every_key_is_counted_by_itself(limiting: House) -> None:
    first, second = await key_for(limiting, "ann"), await key_for(limiting, "ann")
    assert await ask(limiting, 4, key=first) == [201, 201, 201, 429]
    assert await ask(limiting, 4, key=second) == [201, 201, 201, 429]
    assert await ask(limiting, 4) == [201, 201, 201, 429]


async def test_a_new_secret_is_no_new_key(limiting: House) -> None:
    old = await issued(limiting)
    assert await ask(limiting, 2, key=old.key.text) == [201, 201]
    async with database_of(limiting) as database:
        new = await rotate_key(database, str(old.id), timedelta(hours=1))
    assert new is not None
    assert await ask(limiting, 2, key=new.key.text) == [201, 429]
    assert await ask(limiting, 1, key=old.key.text) == [429]


async def test_a_key_s_own_rate_replaces_the_service_s(limiting: House) -> None:
    key = await key_for(limiting, rate_limit="1 per 2 hours")
    for path, name in (("/api/predictions", "create"), ("/api/batches", "batch")):
        answer = await once(limiting, key=key, path=path)
        assert (answer.status_code, answer.headers["ratelimit-policy"]) == (201, f'"{name}";q=1;w=7200')
        assert await ask(limiting, 1, key=key, path=path) == [429]


async def test_a_key_may_be_without_a_limit(limiting: House) -> None:
    key = await key_for(limiting, rate_limit="off")
    assert await ask(limiting, 6, key=key) == [201] * 6
    assert "ratelimit" not in (await once(limiting, key=key)).headers


async def test_a_limit_of_zero_lets_nobody_in(limiting: House) -> None:
    answer = await once(limiting, key=await key_for(limiting, rate_limit="0/minute"))
    assert assert_problem(answer, 429, "rate_limited")["retry_after"] == 60
    assert answer.headers["ratelimit"] == '"create";r=0;t=60'


async def test_without_a_valid_key_nothing_is_counted(limiting: House) -> None:
    answer = await once(limiting, key="dk_00000000_x")
    assert_problem(answer, 401, "unauthenticated")
    assert "ratelimit" not in answer.headers
    assert await limiting.rows("SELECT key FROM rate_limits") == []


async def test_a_foreign_word_about_the_address_changes_nothing(limiting: House) -> None:
    key = await key_for(limiting)
    for number in range(3):
        assert await ask(limiting, 1, key=key, **{"X-Forwarded-For": f"203.0.113.{number}"}) == [201]
    assert await ask(limiting, 1, key=key, **{"X-Forwarded-For": "203.0.113.9"}) == [429]


async def test_no_table_holds_a_key_s_secret(limiting: House) -> None:
    opened = await issued(limiting)
    await ask(limiting, 1, key=opened.key.text)
    (row,) = await limiting.rows("SELECT key FROM rate_limits")
    assert row["key"] == f"create/key:{opened.id}/3/3600"


async def test_over_four_connections_exactly_as_many_as_the_limit_are_let_in(limiting: House) -> None:
    key = {"x-api-key": await key_for(limiting, rate_limit="10/hour")}
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=limiting.client.base_url, trust_env=False))
            for _ in range(4)
        ]
        asked = [client.post("/api/generate", json=FORM, headers=key) for client in clients for _ in range(15)]
        answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [429] * 50


async def test_while_the_counting_is_away_nobody_is_let_in(
    settings: Settings, wire: Wire, fresh_emulator: RunningEmulator
) -> None:
    through = settings.model_copy(update={**LIMITED, "database_url": SecretStr(wire.url)})
    async with open_house(through, fresh_emulator, with_worker=False) as opened:
        assert left(await once(opened)) == 2
        await wire.cut()
        assert assert_problem(await once(opened), 503, "unavailable")["retry_after"]


async def test_redis_counts_as_exactly(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    async with redis_server() as redis:
        counted_there = settings.model_copy(update={**LIMITED, "redis_url": SecretStr(redis.url)})
        async with open_house(counted_there, fresh_emulator, with_worker=False) as opened:
            answers = await asyncio.gather(*(once(opened) for _ in range(8)))
            assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 5
            assert {left(answer) for answer in answers} == {0, 1, 2}
            assert await opened.rows("SELECT key FROM rate_limits") == []
            await redis.end()
            assert_problem(await once(opened), 503, "unavailable")


async def test_quotes_have_a_limit_of_their_own(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    changes = LIMITED | {"rate_limit_quote": "2/hour", "auth_required": True}
    async with open_house(settings.model_copy(update=changes), fresh_emulator, with_worker=False) as house:
        key = await key_for(house, rate_limit="1/hour")
        asked = [await once(house, key=key, path="/api/quote") for _ in range(3)]
        assert [answer.status_code for answer in asked] == [200, 200, 429]
        assert asked[0].headers["ratelimit-policy"] == '"quote";q=2;w=3600'
        assert_problem(asked[2], 429, "rate_limited")
        assert (await once(house, key=key)).status_code == 201
