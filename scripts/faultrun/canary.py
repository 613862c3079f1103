"""A place that nothing may ever call: hostile links point to it, and every connection is counted."""

import asyncio

from scripts.faultrun.ports import CANARY_HOST, free_port


class Canary:
    def __init__(self) -> None:
        self.port = free_port(CANARY_HOST)
        self.calls: list[bytes] = []
        """The first bytes of every connection."""
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://{CANARY_HOST}:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._take, CANARY_HOST, self.port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(1):
                head = await reader.read(500)
        except (TimeoutError, OSError):
            head = b""
        self.calls.append(head)
        writer.close()
