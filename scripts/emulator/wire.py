"""The bare connection under a request, for answers that no honest server gives."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

KEY = "emulator.wire"


class Wire:
    def __init__(self, protocol: "WireProtocol") -> None:
        self._protocol = protocol

    @property
    def gone(self) -> bool:
        return self._protocol.transport.is_closing()

    async def write(self, data: bytes) -> None:
        if not self.gone:
            self._protocol.transport.write(data)
            if self._protocol.flow.write_paused:
                await self._protocol.flow.drain()
        await asyncio.sleep(0)

    async def head(self, headers: Mapping[str, str], status: str = "200 OK") -> None:
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
        await self.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))

    async def chunk(self, data: bytes) -> None:
        await self.write(b"%x\r\n%b\r\n" % (len(data), data))

    def close(self) -> None:
        self._protocol.transport.close()

    def reset(self) -> None:
        """With no time to linger the kernel sends RST instead of FIN."""
        sock = self._protocol.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._protocol.transport.abort()


class WireProtocol(HttpToolsProtocol):
    """uvicorn's own, which hands the connection down in the scope."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {KEY: {"wire": Wire(self)}}


class Wired(Response):
    """A response that writes to the wire itself and closes it."""

    def __init__(self, script: Callable[[Wire], Awaitable[None]]) -> None:
        super().__init__()
        self._script = script

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire: Wire = scope["extensions"][KEY]["wire"]
        try:
            await self._script(wire)
        finally:
            wire.close()
        while (await Request(scope, receive).receive())["type"] != "http.disconnect":
            continue


async def cut(wire: Wire) -> None:
    wire.reset()
