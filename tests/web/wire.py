"""A wire to the database that a test can cut or hold still."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit


class Wire:
    """Forwards a socket of its own to the real one."""

    def __init__(self, url: str, folder: Path) -> None:
        (self._target,) = parse_qs(urlsplit(url).query)["host"]
        self._folder = folder
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.url = url.replace(quote(self._target, safe=""), quote(str(folder), safe=""))
        if self.url == url:
            self.url = url.replace(self._target, str(folder))

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._connected, self._folder / ".s.PGSQL.5432")

    async def cut(self) -> None:
        """Connections end, new ones are refused."""
        if self._server is not None:
            self._server.close()
        (self._folder / ".s.PGSQL.5432").unlink(missing_ok=True)
        for end in list(self._ends):
            end.transport.abort()
        await asyncio.sleep(0)

    def hold(self) -> None:
        """Connections stay, and nothing comes through."""
        self._flows.clear()

    def release(self) -> None:
        self._flows.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(f"{self._target}/.s.PGSQL.5432")
        self._ends |= {writer, there_writer}
        await asyncio.gather(self._pour(reader, there_writer), self._pour(there_reader, writer))
        self._ends -= {writer, there_writer}

    async def _pour(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(65536):
                await self._flows.wait()
                target.write(piece)
                await target.drain()
        with suppress(OSError):
            target.close()


@asynccontextmanager
async def wired(url: str) -> AsyncIterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="wire-") as folder:
        wire = Wire(url, Path(folder))
        await wire.open()
        try:
            yield wire
        finally:
            wire.release()
            await wire.cut()
