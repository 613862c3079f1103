"""The API where nobody speaks the lifespan: opened by the first request, once for each event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from app.bootstrap import web_application
from app.serverless import WithoutLifespan
from app.settings import Settings
from tests.cli.test_commands import darkroom
from tests.house import House


def client(application: WithoutLifespan) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1")


async def test_the_first_request_opens_what_the_lifespan_would(settings: Settings) -> None:
    application = WithoutLifespan(web_application(settings))
    async with client(application) as asking:
        answers = await asyncio.gather(*(asking.get("/api/predictions") for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}


async def test_each_loop_has_connections_of_its_own(settings: Settings) -> None:
    application = WithoutLifespan(web_application(settings))

    async def ask() -> int:
        async with client(application) as asking:
            return (await asking.get("/api/predictions")).status_code

    for _ in range(2):
        assert await asyncio.to_thread(asyncio.run, ask()) == 200


async def test_an_opening_that_failed_is_tried_again() -> None:
    opened: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        opened.append("")
        if len(opened) == 1:
            raise OSError("not yet")
        yield {}

    application = WithoutLifespan(Starlette(lifespan=lifespan))
    async with client(application) as asking:
        for expected in (OSError, None):
            try:
                answer = await asking.get("/nowhere")
            except OSError:
                assert expected is OSError
            else:
                assert (expected, answer.status_code) == (None, 404)
    assert len(opened) == 2


async def test_a_worker_that_cron_starts_does_what_is_owed_and_ends(front: House) -> None:
    created = (await front.create()).json()
    told = {"SKYTELLS_OUTPUT_HOSTS": "127.0.0.1", "OUTBOUND_ALLOW_NETS": "127.0.0.0/8", "RECONCILE_MAX_SECONDS": "1"}
    ended = await darkroom(front, "worker", "--for", "6", **told, ENVIRONMENT="test")
    assert ended.code == 0
    assert (await front.client.get(f"/api/predictions/{created['id']}")).json()["status"] == "succeeded"
