"""A stream that is read in as large pieces as it has.

httpcore asks for 64 KiB at a time, a quarter of what the loop has read by then, and every piece passes a dozen frames:
storing an output of 1 GiB took a quarter longer (`./scripts/bench large-output`). TLS gives one record, 16 KiB, at a
time whatever it is asked for, so what `start_tls` returns is left as it is.
"""

import ssl
from typing import Any

import httpcore

PIECE = 256 * 1024


class WideStream(httpcore.AsyncNetworkStream):
    """Passes everything on; `read` may return more than it was asked for, which h11 does not mind."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max(max_bytes, PIECE), timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return await self._stream.start_tls(ssl_context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
