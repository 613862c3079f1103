"""Connections between the processes, which can be cut, refused, held and listened to.

A watcher sees every piece before it passes and decides whether it does. It is called in the event loop and never
waits, so that a kill it deals happens before the next byte moves.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """A unix socket's path, or a loopback port."""

    port: int = 0
    path: Path | None = None


class Watcher(Protocol):
    """One connection's. Both return False to swallow the piece."""

    def upward(self, data: bytes, link: "Link") -> bool: ...
    def downward(self, data: bytes, link: "Link") -> bool: ...


class Link:
    """One connection: a client's side, a server's side, and what is not yet passed between them."""

    def __init__(self, proxy: "Proxy", watcher: Watcher | None) -> None:
        self.proxy = proxy
        self.watcher = watcher
        self.client: _Side | None = None
        self.server: _Side | None = None
        self.waiting: list[bytes] = []
        self.is_cut = False

    def cut(self) -> None:
        """Both sides lose the connection at once."""
        self.is_cut = True
        self.proxy.links.discard(self)
        for side in (self.client, self.server):
            if side is not None and side.transport is not None:
                side.transport.abort()

    def answer(self, data: bytes) -> None:
        """Speak to the client in the server's place, and hang up."""
        self.is_cut = True
        self.proxy.links.discard(self)
        if self.client is not None and self.client.transport is not None:
            self.client.transport.write(data)
            self.client.transport.close()
        if self.server is not None and self.server.transport is not None:
            self.server.transport.abort()

    def up(self, data: bytes) -> None:
        if self.is_cut or (self.watcher is not None and not self.watcher.upward(data, self)):
            return
        if self.server is None or self.server.transport is None:
            self.waiting.append(data)
        else:
            self.server.transport.write(data)

    def down(self, data: bytes) -> None:
        if self.is_cut or (self.watcher is not None and not self.watcher.downward(data, self)):
            return
        if self.client is not None and self.client.transport is not None:
            self.client.transport.write(data)

    def flush(self) -> None:
        if self.server is not None and self.server.transport is not None:
            for data in self.waiting:
                self.server.transport.write(data)
            self.waiting.clear()

    def ended(self, side: "_Side") -> None:
        """What is on its way to the other side still gets there."""
        self.proxy.links.discard(self)
        other = self.server if side is self.client else self.client
        if other is not None and other.transport is not None:
            other.transport.close()

    def read(self, *, wanted: bool) -> None:
        for side in (self.client, self.server):
            if side is not None and side.transport is not None and not side.transport.is_closing():
                with suppress(RuntimeError):
                    (side.transport.resume_reading if wanted else side.transport.pause_reading)()


class _Side(asyncio.Protocol):
    def __init__(self, link: Link, pass_on: Callable[[bytes], None]) -> None:
        self.link = link
        self.transport: asyncio.Transport | None = None
        self._pass_on = pass_on

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        if self.link.is_cut:  # before it had begun
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._pass_on(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.link.ended(self)

    def pause_writing(self) -> None:
        self._other_reads(wanted=False)

    def resume_writing(self) -> None:
        self._other_reads(wanted=not self.link.proxy.is_held)

    def _other_reads(self, *, wanted: bool) -> None:
        other = self.link.server if self is self.link.client else self.link.client
        if other is not None and other.transport is not None and not other.transport.is_closing():
            with suppress(RuntimeError):
                (other.transport.resume_reading if wanted else other.transport.pause_reading)()


class Proxy:
    """Listens at one address and connects to one of `targets`, to another when the first does not take it."""

    def __init__(
        self,
        name: str,
        listen: Address,
        targets: Sequence[Address],
        dice: random.Random,
        watch: Callable[[], Watcher] | None = None,
    ) -> None:
        self.name = name
        self.listen = listen
        self.links: set[Link] = set()
        self.connections = 0
        self.is_refusing = False
        self.is_held = False
        self._targets = list(targets)
        self._dice = dice
        self._watch = watch
        self._server: asyncio.Server | None = None
        self._connecting: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        if self.listen.path is not None:
            self.listen.path.parent.mkdir(parents=True, exist_ok=True)
            self.listen.path.unlink(missing_ok=True)
            self._server = await loop.create_unix_server(self._accept, str(self.listen.path))
        else:
            self._server = await loop.create_server(self._accept, "127.0.0.1", self.listen.port, backlog=500)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._connecting):
            task.cancel()
        self.cut()

    def shut(self) -> None:
        """No longer listen, as the kernel refuses for a process that is gone; `start` opens again."""
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> int:
        """End every connection now; how many there were."""
        links = list(self.links)
        for link in links:
            link.cut()
        return len(links)

    def hold(self) -> None:
        """Nothing passes, nothing ends: what a frozen peer looks like."""
        self.is_held = True
        for link in self.links:
            link.read(wanted=False)

    def release(self) -> None:
        self.is_held = False
        for link in list(self.links):
            link.read(wanted=True)

    def _accept(self) -> _Side:
        link = Link(self, self._watch() if self._watch else None)
        link.client = _Side(link, link.up)
        self.connections += 1
        if not self.is_refusing:
            self.links.add(link)
        task = asyncio.get_running_loop().create_task(self._connect(link))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return link.client

    async def _connect(self, link: Link) -> None:
        if self.is_refusing or not await self._reached(link):
            link.cut()
            return
        if self.is_held:
            link.read(wanted=False)
        if link.is_cut:
            link.cut()
        else:
            link.flush()

    async def _reached(self, link: Link) -> bool:
        for target in self._dice.sample(self._targets, len(self._targets)):
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    await self._open(link, target)
                return True
        return False

    async def _open(self, link: Link, target: Address) -> None:
        loop = asyncio.get_running_loop()
        side = _Side(link, link.down)
        if target.path is not None:
            await loop.create_unix_connection(lambda: side, str(target.path))
        else:
            await loop.create_connection(lambda: side, "127.0.0.1", target.port)
        link.server = side
        if link.client is not None and link.client.transport is not None and link.client.transport.is_closing():
            link.cut()
