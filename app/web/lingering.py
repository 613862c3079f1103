"""Closing in stages, so that a client that is still sending can read its answer (RFC 9112 § 9.6).

Closing with unread bytes resets the connection, and a reset throws away what its other end has not read yet: the
very answer that says why. nginx has this as `lingering_close`; uvicorn 0.54 has not.
"""

import asyncio
from collections.abc import Callable
from typing import Any

LINGER_SECONDS = 2.0


class LingeringTransport:
    """A transport whose `close` ends its own side first, and the other's when that has ended or time is up."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, cut: Callable[[], bool]) -> None:
        """`cut` says whether the client may still be sending."""
        self.write = transport.write
        self.is_lingering = False
        self._transport = transport
        self._loop = loop
        self._cut = cut
        self._end: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self.is_lingering or self._transport.is_closing()

    def close(self) -> None:
        if self.is_lingering:
            return
        if self._transport.is_closing() or not self._cut() or not self._transport.can_write_eof():
            self._transport.close()
            return
        self.is_lingering = True
        self._transport.write_eof()
        self._transport.resume_reading()
        self._end = self._loop.call_later(LINGER_SECONDS, self._transport.close)

    def closed(self) -> None:
        """The connection is lost: nothing is waited for any more."""
        self.is_lingering = False
        if self._end is not None:
            self._end.cancel()
            self._end = None
