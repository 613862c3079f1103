"""What a proxy does to connections: pass, spread, cut, refuse, hold, answer itself."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from scripts.faultrun.ports import FIRST, LAST, free_port, free_ports
from scripts.faultrun.proxies import Address, Link, Proxy, Watcher
from scripts.faultrun.taps import Exchange, Hijack, HttpTap

SOON = 2.0


class Echo:
    """Answers every line with its name and the line."""

    def __init__(self, name: str) -> None:
        self.name, self.port = name, free_port()

    async def __aenter__(self) -> "Echo":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while line := await reader.readline():
                writer.write(self.name.encode() + b" " + line)
        writer.close()


@asynccontextmanager
async def proxied(*ports: int, watch: Watcher | None = None, path: Path | None = None) -> AsyncIterator[Proxy]:
    listen = Address(path=path) if path else Address(port=free_port())
    targets = [Address(port=port) for port in ports]
    proxy = Proxy("test", listen, targets, random.Random(1), (lambda: watch) if watch else None)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()


async def ask(proxy: Proxy, text: bytes = b"hello\n") -> bytes:
    """What comes back for one line; empty when the connection ends instead."""
    async with asyncio.timeout(SOON):
        if proxy.listen.path:
            reader, writer = await asyncio.open_unix_connection(str(proxy.listen.path))
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.listen.port)
        try:
            writer.write(text)
            return await reader.readline()
        except ConnectionError:
            return b""
        finally:
            writer.close()


async def test_it_passes_both_ways(tmp_path: Path) -> None:
    async with (
        Echo("one") as echo,
        proxied(echo.port) as over_tcp,
        proxied(echo.port, path=tmp_path / "s") as over_unix,
    ):
        assert await ask(over_tcp) == b"one hello\n"
        assert await ask(over_unix) == b"one hello\n"


async def test_it_passes_much(tmp_path: Path) -> None:
    line = b"x" * 60_000 + b"\n"
    async with Echo("one") as echo, proxied(echo.port) as proxy:
        assert await ask(proxy, line) == b"one " + line


async def test_it_spreads_and_passes_over_the_dead() -> None:
    async with Echo("one") as one, proxied(one.port, free_port()) as proxy:
        assert {await ask(proxy) for _ in range(8)} == {b"one hello\n"}
    async with Echo("one") as one, Echo("two") as two, proxied(one.port, two.port) as proxy:
        assert {await ask(proxy) for _ in range(20)} == {b"one hello\n", b"two hello\n"}


async def test_nobody_behind_it_ends_the_connection() -> None:
    async with proxied(free_port()) as proxy:
        assert await ask(proxy) == b""


async def test_cut_ends_what_is_open_and_nothing_later() -> None:
    async with Echo("one") as echo, proxied(echo.port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.listen.port)
        writer.write(b"hello\n")
        await reader.readline()
        assert proxy.cut() == 1
        async with asyncio.timeout(SOON):
            with suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()
        assert await ask(proxy) == b"one hello\n"


async def test_refusing_and_shut_differ_as_a_proxy_and_a_kernel_do() -> None:
    async with Echo("one") as echo, proxied(echo.port) as proxy:
        proxy.is_refusing = True
        assert await ask(proxy) == b""
        proxy.is_refusing = False
        proxy.shut()
        with pytest.raises(ConnectionRefusedError):
            await ask(proxy)
        await proxy.start()
        assert await ask(proxy) == b"one hello\n"


async def test_held_is_silent_and_loses_nothing() -> None:
    async with Echo("one") as echo, proxied(echo.port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.listen.port)
        writer.write(b"1\n")
        await reader.readline()
        proxy.hold()
        writer.write(b"2\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await reader.readline()
        proxy.release()
        async with asyncio.timeout(SOON):
            assert await reader.readline() == b"one 2\n"
        writer.close()


class _Swallows:
    def upward(self, data: bytes, link: Link) -> bool:
        link.cut()
        return False

    def downward(self, data: bytes, link: Link) -> bool:
        raise AssertionError("nothing can come back")


async def test_what_a_watcher_swallows_never_arrives() -> None:
    async with Echo("one") as echo, proxied(echo.port, watch=_Swallows()) as proxy:
        assert await ask(proxy) == b""


REQUEST = (
    b"POST /api/webhooks/skytells?t=x HTTP/1.1\r\nHost: a\r\nX-Skytells-Signature: s\r\nContent-Length: 4\r\n\r\nbody"
)
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def _link() -> Link:
    return Link(Proxy("test", Address(port=1), [], random.Random(1)), None)


@pytest.mark.parametrize("piece", [1, 7, 1_000])
def test_a_tap_hears_requests_and_answers_in_pieces_of_any_size(piece: int) -> None:
    heard: list[Exchange] = []
    tap, link = HttpTap(heard.append), _link()
    for data, pass_on in ((REQUEST * 2, tap.upward), (REPLY, tap.downward)):
        for at in range(0, len(data), piece):
            assert pass_on(data[at : at + piece], link)
    first, second = heard
    assert (first.method, first.target, first.body, first.status) == (
        "POST",
        "/api/webhooks/skytells?t=x",
        b"body",
        200,
    )
    assert second.status is None


def test_a_tap_lets_pass_what_it_cannot_read() -> None:
    heard: list[Exchange] = []
    assert HttpTap(heard.append).upward(b"\x00\x01 no HTTP\r\n\r\n", _link())
    assert heard == []


async def test_a_lure_answers_in_the_server_s_place() -> None:
    seen: list[bytes] = []
    hijack = Hijack(lambda path: b"gone\n" if path == "/cdn/1/0.png" else None, seen.append)
    async with Echo("one") as echo, proxied(echo.port, watch=hijack) as proxy:
        assert await ask(proxy, b"GET /cdn/1/0.png HTTP/1.1\n") == b"gone\n"
        assert await ask(proxy, b"GET /cdn/2/0.png HTTP/1.1\n") == b"one GET /cdn/2/0.png HTTP/1.1\n"
    assert len(seen) == 2


def test_ports_lie_below_the_kernel_s_own_and_are_given_once() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(FIRST <= port < LAST < 32_768 for port in ports)
