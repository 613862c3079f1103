"""What the official clients need of a house: where its faces are, a key, and TLS in front where a test wants it."""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.house import House
from tests.web.steps import key_for

HERE = Path(__file__).parent


async def apart(call: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """A synchronous client's call, on a thread: the house lives in this loop."""
    return await asyncio.to_thread(call, *given, **named)


async def ann(house: House, **granted: Any) -> str:
    """A key of hers."""
    return await key_for(house, "ann", **granted)


async def node_told(script: str, *arguments: str, **environment: str) -> dict[str, Any]:
    """What a script beside this file printed as JSON."""
    started = await asyncio.create_subprocess_exec(
        "node", str(HERE / script), *arguments, stdout=-1, stderr=-1, env={**os.environ, **environment}
    )
    said, complained = await asyncio.wait_for(started.communicate(), 90)
    assert started.returncode == 0, complained.decode()
    return dict(json.loads(said))


@asynccontextmanager
async def tls(port: int, to: int, folder: Path) -> AsyncIterator[None]:
    """Listens at one loopback port with the certificate of `folder`, and passes on to the other."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "fullchain.pem", folder / "privkey.pem")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, thither = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(_pour(reader, thither), _pour(there, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", port, ssl=context)
    try:
        yield
    finally:
        server.close()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(65536):
            target.write(piece)
            await target.drain()
    target.close()
