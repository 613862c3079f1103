"""A proxy that cuts connections, as middle boxes do: the request has gone through, and its answer never comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic

from tests.ports import free_port


@dataclass
class Cutter:
    """Cuts the first `cuts` connections that carry a POST, `after` seconds from when the request was passed on."""

    port: int
    to: int
    cuts: int = 0
    after: float = 0.0
    came_at: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, thither = await asyncio.open_connection("127.0.0.1", self.to)
        request = await _request(reader)
        thither.write(request)
        if request.startswith(b"POST"):
            self.came_at.append(monotonic())
            if len(self.came_at) <= self.cuts:
                await asyncio.sleep(self.after)
                writer.transport.abort()
                thither.transport.abort()
                return
        await asyncio.gather(_pour(reader, thither), _pour(there, writer))


@asynccontextmanager
async def cutter(to: int, **how: float) -> AsyncIterator[Cutter]:
    made = Cutter(free_port(), to, cuts=int(how.get("cuts", 0)), after=how.get("after", 0.0))
    server = await asyncio.start_server(made.connected, "127.0.0.1", made.port)
    try:
        yield made
    finally:
        server.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0]) if lengths else 0)


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(65536):
            target.write(piece)
            await target.drain()
    target.close()
