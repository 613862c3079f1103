"""One stream for all that is the caller's."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import uvicorn

from app.actions.follow_changes import AGAIN, QUEUE, Dropped, Live, Stream
from app.actions.issue_key import revoke_key
from app.bootstrap import web_application
from app.db.changes import EVERYTHING, Changes, News
from app.domain.caller import Scope
from app.settings import Settings
from app.web import live as live_door
from app.web.connections import Patience
from app.web.server import server_config
from tests.house import House, eventually, eventually_async
from tests.ports import free_port
from tests.web.steps import begun, database_of, issued, key_for, sold
from tests.web.wire import Wire

BODY: dict[str, Any] = {"model": "truefusion-pro", "input": {"prompt": "a fox"}}
PATIENCE = 60


class Events:
    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self) -> tuple[str, Any]:
        """The next event's name and data."""
        async with asyncio.timeout(PATIENCE):
            name = ""
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    return name, json.loads(line.removeprefix("data: "))
        raise EOFError

    async def applied(self) -> str:
        """The prediction of the next delivery that is told to be applied."""
        while True:
            _, data = await self.next()
            if data.get("verdict") == "applied":
                return str(data["prediction_id"])

    async def of(self, prediction_id: str, status: str) -> dict[str, Any]:
        """The event with which this prediction is so."""
        while True:
            name, data = await self.next()
            if name == "prediction" and (data["id"], data["status"]) == (prediction_id, status):
                return dict(data)


@asynccontextmanager
async def streamed(house: House, **headers: str) -> AsyncIterator[Events]:
    async with house.client.stream("GET", "/api/live", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-store", "no")
        yield Events(answer.aiter_lines())


async def test_it_begins_with_hello_and_tells_a_whole_life(house: House) -> None:
    async with streamed(house) as events:
        assert await events.next() == ("hello", {})
        made = (await house.create()).json()
        first = await events.of(made["id"], "starting")
        assert first.keys() == made.keys() - {"client_token"}
        done = await events.of(made["id"], "succeeded")
        assert done["output"]
    assert done == (await house.client.get(f"/api/predictions/{made['id']}")).json() | {
        "updated_at": done["updated_at"]
    }


async def test_it_tells_of_nobody_else_s(locked: House) -> None:
    ann, bob = {"x-api-key": await key_for(locked)}, {"x-api-key": await key_for(locked)}
    async with streamed(locked, **ann) as events:
        await events.next()
        await locked.client.post("/api/predictions", json=BODY, headers=bob)
        mine = (await locked.client.post("/api/predictions", json=BODY, headers=ann)).json()
        assert (await events.next())[1]["id"] == mine["id"]


async def test_it_tells_whose_prediction_is_gone_and_nobody_else(locked: House) -> None:
    ann, bob = {"x-api-key": await key_for(locked)}, {"x-api-key": await key_for(locked)}
    async with streamed(locked, **ann) as mine, streamed(locked, **bob) as theirs:
        assert [await mine.next(), await theirs.next()] == [("hello", {})] * 2
        for key, events in ((ann, mine), (bob, theirs)):
            made = (await locked.client.post("/api/predictions", json=BODY, headers=key)).json()
            await locked.client.post(f"/api/predictions/{made['id']}/cancel", headers=key)
            gone = await locked.client.delete(f"/api/predictions/{made['id']}", headers=key)
            assert gone.status_code == 200
            while (told := await events.next())[0] == "prediction":
                assert told[1]["id"] == made["id"]
            assert told == ("deleted", {"id": made["id"]})


async def test_admins_hear_of_deliveries_and_others_do_not(locked: House) -> None:
    admin = {"x-api-key": await key_for(locked, "ann", scopes=frozenset(Scope))}
    plain = {"x-api-key": await key_for(locked, "ann", scopes=frozenset({Scope.READ, Scope.CREATE}))}
    async with streamed(locked, **admin) as seen, streamed(locked, **plain) as unseen:
        assert [await seen.next(), await unseen.next()] == [("hello", {})] * 2
        await locked.deliver({"id": "orphan", "status": "processing"})
        name, told = await seen.next()
        assert (name, told["provider_id"], told["verdict"], told["prediction_id"]) == (
            "delivery", "orphan", "waiting", None)  # fmt: skip
        made = (await locked.client.post("/api/predictions", json=BODY, headers=plain)).json()
        assert (await unseen.next())[0] == "prediction"
        await sold(locked, made["id"], "sold-1")
        await begun(locked, "sold-1")
        assert await seen.applied() == made["id"]
        await unseen.of(made["id"], "processing")


async def test_without_a_key_there_is_no_stream(locked: House) -> None:
    assert (await locked.client.get("/api/live")).status_code == 401


async def test_it_ends_with_its_key(locked: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_door, "KEEP_ALIVE_SECONDS", 0.05)
    key = await issued(locked)
    async with streamed(locked, **{"x-api-key": key.key.text}) as events:
        assert await events.next() == ("hello", {})
        async with database_of(locked) as database:
            await revoke_key(database, key.key.prefix)
        with pytest.raises(EOFError):
            await events.next()


async def test_after_the_database_was_away_it_says_hello_again(wired_front: House, wire: Wire) -> None:
    async with streamed(wired_front) as events:
        assert await events.next() == ("hello", {})
        await wire.cut()
        await wire.open()
        assert await events.next() == ("hello", {})
        async with asyncio.timeout(PATIENCE):
            made = await wired_front.create()
            while made.status_code != 201:
                made = await wired_front.create()
        telling = asyncio.create_task(events.of(made.json()["id"], "starting"))

        async def is_told() -> bool:
            """It is once the service listens again, which may be a moment after its hello."""
            await wired_front.rows("UPDATE predictions SET version = version + 1 RETURNING 1")
            return telling.done()

        await eventually_async(is_told)
        await telling


async def test_a_service_that_stops_does_not_wait_for_those_who_watch(settings: Settings) -> None:
    port = free_port()
    config = server_config(
        web_application(settings), host="127.0.0.1", port=port, patience=Patience(), drain_seconds=60
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    await eventually(lambda: server.started)
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
        client.stream("GET", "/api/live") as answer,
    ):
        assert await Events(answer.aiter_lines()).next() == ("hello", {})
        server.should_exit = True
        async with asyncio.timeout(PATIENCE):
            await serving


async def test_who_does_not_keep_up_is_cut_off() -> None:
    stream = Stream("ann", sees_deliveries=False)
    for _ in range(QUEUE):
        stream.put(AGAIN)
    assert await stream.next() == AGAIN
    stream.put(AGAIN)
    stream.put(AGAIN)
    with pytest.raises(Dropped):
        await stream.next()


async def test_a_row_that_changes_often_is_read_once_for_all_who_watch(front: House) -> None:
    made = (await front.create()).json()
    async with database_of(front) as database:
        live = Live(database, changes := Changes(None))
        changes.is_listening = True
        with (
            live.watched("development", sees_deliveries=False) as one,
            live.watched("development", sees_deliveries=False) as two,
        ):
            async with live.running():
                for _ in range(3):
                    changes.pass_on(News("prediction", UUID(made["id"])))
                changes.pass_on(News("prediction", uuid4()))
                async with asyncio.timeout(PATIENCE):
                    assert {str(getattr(await each.next(), "id", "")) for each in (one, two)} == {made["id"]}
                changes.pass_on(EVERYTHING)
                async with asyncio.timeout(PATIENCE):
                    assert [await one.next(), await two.next()] == [AGAIN, AGAIN]


async def test_a_session_s_cookie_opens_it(locked: House) -> None:
    async with httpx.AsyncClient(base_url=locked.client.base_url, trust_env=False) as browser:
        await locked.rows("DELETE FROM rate_limits")
        await browser.post("/api/session", json={"key": await key_for(locked)})
        async with streamed(House(locked.settings, locked.emulator, browser)) as events:
            assert await events.next() == ("hello", {})
