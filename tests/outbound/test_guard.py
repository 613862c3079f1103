import socket
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_network

import httpcore
import httpx
import pytest

from app.outbound.addresses import Network
from app.outbound.errors import AddressRefused
from app.outbound.guard import GuardBackend, GuardTransport, SystemResolver, open_client
from tests.outbound.raw_server import RawServer

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Answers:
    """A resolver that gives one list after another, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def test_an_allowed_place_is_reached_under_its_own_name(client: httpx.AsyncClient, server: RawServer) -> None:
    server.answer("/", HELLO)
    response = await client.get(server.url("/", host="cdn.test"))
    assert response.text == "hello"
    assert server.requests[0].headers["host"] == f"cdn.test:{server.port}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "localhost",
    ],
)
async def test_no_spelling_of_this_machine_is_connected_to(server: RawServer, host: str) -> None:
    async with open_client() as client:
        with pytest.raises((AddressRefused, httpx.InvalidURL)):
            await client.get(server.url("/", host=host))
    assert server.connections == 0


async def test_one_private_answer_among_public_ones_refuses_the_host(loopback: list[Network]) -> None:
    async with open_client(allow_nets=loopback, resolve=Answers(["127.0.0.1", "10.0.0.1"])) as client:
        with pytest.raises(AddressRefused) as refused:
            await client.get("http://mixed.test/")
    assert (refused.value.host, refused.value.address) == ("mixed.test", "10.0.0.1")


async def test_a_name_is_resolved_once_so_that_it_cannot_change_after_the_look(
    server: RawServer, loopback: list[Network]
) -> None:
    server.answer("/", HELLO)
    resolve = Answers(["127.0.0.1"], ["169.254.169.254"])
    async with open_client(allow_nets=loopback, resolve=resolve) as client:
        assert (await client.get(server.url("/", host="rebinds.test"))).text == "hello"
        assert resolve.asked == ["rebinds.test"]
        with pytest.raises(AddressRefused):
            await client.get(server.url("/", host="rebinds.test"))


async def test_an_address_that_does_not_answer_is_followed_by_the_next(
    server: RawServer, loopback: list[Network]
) -> None:
    server.answer("/", HELLO)
    async with open_client(allow_nets=loopback, resolve=Answers(["127.0.0.9", "127.0.0.1"])) as client:
        assert (await client.get(server.url("/", host="two.test"))).text == "hello"


@pytest.mark.parametrize("answers", [[], ["nonsense"], ["fe80::1%eth0"]])
async def test_odd_answers_never_open_a_socket(answers: list[str]) -> None:
    async with open_client(resolve=Answers(answers)) as client:
        with pytest.raises((httpx.ConnectError, AddressRefused)):
            await client.get("http://odd.test/")


async def test_a_name_unknown_to_the_resolver_is_a_connection_error() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    async with open_client(resolve=resolve) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://unknown.test/")


async def test_a_resolver_that_hangs_is_a_connect_timeout() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        import asyncio

        await asyncio.Event().wait()
        return []

    async with open_client(resolve=resolve, timeout=0.05) as client:
        with pytest.raises(httpx.ConnectTimeout):
            await client.get("http://hangs.test/")


async def test_unix_sockets_are_refused() -> None:
    with pytest.raises(AddressRefused):
        await GuardBackend(SystemResolver(), []).connect_unix_socket("/run/docker.sock")


async def test_proxies_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch, server: RawServer, loopback: list[Network]
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answer("/", HELLO)
    async with open_client(allow_nets=loopback) as client:
        assert (await client.get(server.url("/"))).text == "hello"
    async with httpx.AsyncClient(transport=GuardTransport(), trust_env=True) as careless:
        with pytest.raises(AddressRefused):
            await careless.get(server.url("/"))


async def test_cookies_are_not_kept(client: httpx.AsyncClient, server: RawServer) -> None:
    server.answer("/", b"", "Content-Length: 0", "Set-Cookie: a=b; Path=/")
    await client.get(server.url("/", host="cdn.test"))
    await client.get(server.url("/", host="cdn.test"))
    assert "cookie" not in server.requests[1].headers


async def test_the_guard_stands_in_the_pool_that_httpx_really_uses() -> None:
    transport = GuardTransport(allow_nets=[ip_network("127.0.0.0/8")])
    assert isinstance(transport._pool, httpcore.AsyncConnectionPool)
    assert isinstance(transport._pool._network_backend, GuardBackend)
    await transport.aclose()


async def test_what_has_come_is_handed_on_in_large_pieces_however_little_is_asked_for(
    server: RawServer, loopback: list[Network]
) -> None:
    server.answer("/a", b"x" * 1000, "Content-Length: 1000")
    stream = await GuardBackend(SystemResolver(), loopback).connect_tcp("127.0.0.1", server.port, timeout=5)
    await stream.write(b"GET /a HTTP/1.1\r\n\r\n")
    pieces = [piece async for piece in _read(stream)]
    await stream.aclose()
    assert b"".join(pieces).endswith(b"x" * 1000)
    assert max(map(len, pieces)) > 1


async def _read(stream: httpcore.AsyncNetworkStream) -> AsyncIterator[bytes]:
    while piece := await stream.read(1, timeout=5):
        yield piece
