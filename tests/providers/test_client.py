"""The client against a real socket: what can have arrived, and what surely did not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from app.domain.ports import Unavailable
from app.providers.client import ApiClient, Reply, ReplyLost
from tests.providers.stub import ApiStub

KEY = "sk-very-private"
Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def client_of(server: Server) -> AsyncIterator[ApiClient]:
    """A client of a server that has already read the head of each request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await server(reader, writer)
        except ConnectionError:
            pass  # the client had enough
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(trust_env=False) as http:
        yield ApiClient(http, f"http://127.0.0.1:{port}/v1/", {"x-api-key": KEY})
    listening.close()
    await listening.wait_closed()


def saying(*parts: bytes) -> Server:
    async def server(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return server


async def dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte every few milliseconds, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.005)


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        await writer.drain()


async def test_an_answer_is_its_status_and_its_json() -> None:
    whole = b'HTTP/1.1 201 Created\r\ncontent-length: 8\r\nretry-after: 2\r\n\r\n{"a": 1}'
    async with client_of(saying(whole)) as client:
        reply = await client.call("GET", "/models")
    assert (reply.status, reply.data, reply.is_success) == (201, {"a": 1}, True)
    assert reply.retry_after is not None and reply.retry_after.total_seconds() == 2


@pytest.mark.parametrize(("status", "is_success"), [(199, False), (200, True), (299, True), (300, False), (404, False)])
def test_success_is_any_two_hundred(status: int, is_success: bool) -> None:
    assert Reply(status, None).is_success is is_success


LOST: dict[str, Server] = {
    "closed without a word": saying(),
    "cut in the head": saying(b"HTTP/1.1 200 OK\r\ncontent-le"),
    "cut in the body": saying(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}"),
    "cut in a chunk": saying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n{}"),
    "no HTTP": saying(b"220 smtp.example ESMTP\r\n"),
    "no gzip": saying(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}"),
}


@pytest.mark.parametrize("server", LOST.values(), ids=LOST.keys())
async def test_a_reply_that_was_lost_may_have_been_heard(server: Server) -> None:
    async with client_of(server) as client:
        with pytest.raises(ReplyLost):
            await client.call("POST", "/predictions", json={})


@pytest.mark.parametrize("server", [silent, dripping])
async def test_a_reply_that_does_not_end_in_time_is_lost(server: Server) -> None:
    async with client_of(server) as client:
        async with asyncio.timeout(60):
            with pytest.raises(ReplyLost):
                await client.call("POST", "/predictions", seconds=0.8, json={})


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async with client_of(endless) as client:
        reply = await client.call("GET", "/models", seconds=10)
    assert (reply.status, reply.data) == (200, None)


async def test_a_refused_connection_carried_nothing() -> None:
    with socket.socket() as taken:  # bound, so that nobody else listens there, but not listening
        taken.bind(("127.0.0.1", 0))
        async with httpx.AsyncClient(trust_env=False) as http:
            client = ApiClient(http, f"http://127.0.0.1:{taken.getsockname()[1]}", {})
            with pytest.raises(Unavailable):
                await client.call("POST", "/predictions", json={})


@pytest.mark.parametrize("base_url", ["gopher://127.0.0.1/v1", "no url"])
async def test_an_address_that_is_none_carried_nothing(base_url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(Unavailable):
            await ApiClient(http, base_url, {}).call("POST", "/predictions", json={})


@pytest.mark.parametrize("location", ["https://elsewhere.example/", "//elsewhere.example/", "/v1/x", "", "http://["])
async def test_a_redirect_is_an_answer_like_any_other(api: ApiStub, http: httpx.AsyncClient, location: str) -> None:
    api.says(status=307, headers={"location": location})
    client = ApiClient(http, "https://api.example/v1", {"x-api-key": KEY})
    assert (await client.call("POST", "/predictions", json={})).status == 307
    assert [request.url.host for request in api.requests] == ["api.example"]


@pytest.mark.parametrize("base_url", ["https://api.example/v1", "https://api.example/v1/"])
async def test_a_path_follows_the_base(api: ApiStub, http: httpx.AsyncClient, base_url: str) -> None:
    api.says({})
    await ApiClient(http, base_url, {}).call("GET", "/models")
    assert str(api.last.url) == "https://api.example/v1/models"


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "application/octet-stream", ""])
async def test_json_is_read_whatever_the_content_type_says(
    api: ApiStub, http: httpx.AsyncClient, content_type: str
) -> None:
    api.says({"a": 1}, headers={"content-type": content_type})
    assert (await ApiClient(http, "https://api.example", {}).call("GET", "/")).data == {"a": 1}


def test_a_reply_does_not_show_its_data() -> None:
    assert "private" not in repr(Reply(200, {"prompt": "very private"}))


def test_a_client_does_not_show_its_key(http: httpx.AsyncClient) -> None:
    assert KEY not in repr(ApiClient(http, "https://api.example", {"x-api-key": KEY}))
