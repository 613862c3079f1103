"""An order that went wrong on the way: never bought twice, and its id never lost."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from mcp import Client

from app.mcp.api import TRIES, Api
from app.mcp.server import server_of
from app.mcp.tools import Tools

MADE: dict[str, Any] = {
    "id": "01a1fd34-2f0b-7aa2-a03f-c56d5fb32749",
    "status": "starting",
    "stage": "queued",
    "provider": "skytells",
    "model": "truefusion-pro",
    "input": {"prompt": "a red fox"},
    "output": None,
    "files": [],
    "error": None,
    "cost": {"currency": "USD", "held": "0.03", "captured": None},
    "client_token": "ct_secret",
}
FILE = {"url": "https://cdn.example/fox.png", "content_type": "image/png", "bytes": 9, "thumbnail_url": None}
Handler = Callable[[httpx.Request], httpx.Response]


@asynccontextmanager
async def asking(handler: Handler) -> AsyncIterator[Client]:
    transport = httpx.MockTransport(handler)
    async with (
        httpx.AsyncClient(base_url="https://darkroom.example", transport=transport) as http,
        httpx.AsyncClient(transport=transport) as files,
        Client(server_of(Tools(Api(http, files, pause=0)))) as client,
    ):
        yield client


async def ordered(client: Client, **more: Any) -> tuple[bool, str, dict[str, Any]]:
    answer = await client.call_tool("create_prediction", {"prompt": "a red fox", "wait": 5} | more)
    return bool(answer.is_error), answer.content[0].text, dict(answer.structured_content or {})  # type: ignore[union-attr]


async def test_it_is_sent_again_under_the_same_key_where_nobody_answered() -> None:
    keys: list[str] = []

    def answering(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) < TRIES:
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(201, json=MADE | {"status": "succeeded", "output": []})

    async with asking(answering) as client:
        failed, _, told = await ordered(client)
    assert not failed
    assert set(keys) == {told["idempotency_key"]}
    assert len(keys) == TRIES
    assert "client_token" not in told


async def test_an_order_that_was_heard_keeps_its_id_whatever_follows() -> None:
    def answering(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(201, json=MADE)
        raise httpx.ConnectError("gone", request=request)

    async with asking(answering) as client:
        failed, said, told = await ordered(client)
    assert not failed
    assert told["id"] == MADE["id"]
    assert "do not order it again" in said


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503, json={"code": "unavailable", "detail": "Later."}),
        httpx.Response(502, text="<h1>Bad gateway"),
    ],
    ids=["the service itself", "a proxy"],
)
async def test_where_nobody_knows_it_says_how_to_order_safely_again(answer: httpx.Response) -> None:
    async with asking(lambda _: answer) as client:
        failed, said, told = await ordered(client, idempotency_key="order-17")
    assert failed
    assert told["idempotency_key"] == "order-17"
    assert "idempotency_key='order-17'" in said


async def test_a_thumbnail_that_is_too_large_or_cannot_be_had_is_left_out() -> None:
    def answering(request: httpx.Request) -> httpx.Response:
        if request.url.host == "cdn.example":
            assert "authorization" not in request.headers
            return httpx.Response(200, content=b"x" * 10**6) if "large" in request.url.path else httpx.Response(404)
        files = [FILE | {"thumbnail_url": f"https://cdn.example/{name}.webp"} for name in ("large", "gone")]
        return httpx.Response(201, json=MADE | {"status": "succeeded", "output": [FILE["url"]] * 2, "files": files})

    async with asking(answering) as client:
        answer = await client.call_tool("create_prediction", {"prompt": "a red fox"})
    assert [each.type for each in answer.content] == ["text", "resource_link", "resource_link"]
