"""A Postgres that is further away: a unix socket that leads to the real one, and lets bytes through late."""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

SOCKET = ".s.PGSQL.5432"
PIECE = 256 * 1024


@contextmanager
def slow_road(database_url: str, seconds: float) -> Iterator[str]:
    """The address by which every round trip takes so many seconds more."""
    folder = parse_qs(urlsplit(database_url).query)["host"][0]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    with tempfile.TemporaryDirectory(prefix="darkroom-road-") as own:
        thread.start()
        asyncio.run_coroutine_threadsafe(_open(Path(folder) / SOCKET, Path(own) / SOCKET, seconds), loop).result()
        try:
            yield database_url.replace(quote(folder, safe=""), quote(own, safe="")).replace(folder, own)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


async def _open(there: Path, here: Path, seconds: float) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(str(there))
        await asyncio.gather(_late(reader, far_writer, seconds), _late(far_reader, writer, 0))

    await asyncio.start_unix_server(accept, str(here))


async def _late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Each piece so many seconds after it came, in order; pieces do not wait for each other."""
    loop = asyncio.get_running_loop()
    while piece := await reader.read(PIECE):
        loop.call_later(seconds, _pass_on, writer, piece)
    loop.call_later(seconds, writer.close)


def _pass_on(writer: asyncio.StreamWriter, piece: bytes) -> None:
    with suppress(OSError, RuntimeError):
        writer.write(piece)
