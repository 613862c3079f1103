"""What a child says, line by line, through a pipe of our own.

asyncio's own pipes make `wait()` hang for as long as a grandchild keeps them open; ours do not.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable

LINES_KEPT = 40
LONGEST_LINE = 16_384  # more is cut into several
CHUNK = 65_536


class Output:
    """Give `write_end` to a child as stdout and stderr, then `listen`; `tail` keeps its last words."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        self._hear = hear
        self.tail: deque[str] = deque(maxlen=LINES_KEPT)
        self._read_end, self.write_end = os.pipe()
        self._listening: asyncio.Task[None] | None = None

    def listen(self) -> None:
        """Once the child has its copy of the write end."""
        os.close(self.write_end)
        self._listening = asyncio.create_task(self._read())

    def discard(self) -> None:
        """Instead of `listen`, when there came no child."""
        os.close(self.write_end)
        os.close(self._read_end)

    async def drain(self, patience: float = 1.0) -> None:
        """Hear what is left after the child's end; whoever then still holds the pipe is heard no more."""
        if self._listening is None:
            return
        listening, self._listening = self._listening, None
        try:
            await asyncio.wait([listening], timeout=patience)
        finally:
            listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    async def _read(self) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(self._read_end, "rb", buffering=0)
        )
        pending = b""
        try:
            while chunk := await reader.read(CHUNK):
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    self._say(line)
                while len(pending) > LONGEST_LINE:
                    self._say(pending[:LONGEST_LINE])
                    pending = pending[LONGEST_LINE:]
        finally:
            if pending:
                self._say(pending)
            transport.close()

    def _say(self, raw: bytes) -> None:
        line = raw.decode(errors="replace").rstrip()
        self.tail.append(line)
        self._hear(line)
