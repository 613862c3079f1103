"""Writing one piece behind the reading: while the disk takes one, the network brings the next."""

import asyncio
from types import TracebackType
from typing import Protocol, Self


class Sink(Protocol):
    """Takes a stream in pieces of about 1 MiB, the last one smaller. What it raises passes through."""

    async def write(self, chunk: bytes, /) -> None: ...


class Behind:
    """Used as a context, at the end of which nothing is being written any more. Two pieces are held, never more."""

    def __init__(self, into: Sink) -> None:
        self._into = into
        self._writing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What the sink raises now is told by whoever ends in order, with `finish`."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)

    async def write(self, piece: bytes) -> None:
        """Waits until the piece before is written. Raises what the sink raised for that one."""
        await self.finish()
        self._writing = asyncio.create_task(self._write(piece))

    async def finish(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            await writing

    async def _write(self, piece: bytes) -> None:
        await self._into.write(piece)
