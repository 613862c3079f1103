"""Postgres' protocol overheard: which statement ran with which values, and how many rows it changed.

Of the messages only those are read that asyncpg sends: Parse, Bind, Execute, Query; back come CommandComplete,
ErrorResponse and ReadyForQuery. https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from scripts.faultrun.proxies import Link

LARGEST_MESSAGE = 64 * 2**20


@dataclass(slots=True)
class Statement:
    """`values` as they stood on the wire (binary for asyncpg); `tag` like `UPDATE 1`, empty if it failed."""

    sql: str
    values: tuple[bytes | None, ...] = field(default=(), repr=False)
    tag: str = ""
    at: float = 0.0

    @property
    def rows(self) -> int:
        last = self.tag.rpartition(" ")[2]
        return int(last) if last.isdigit() else 0


class Frames:
    """Pieces of a stream into messages: a type of one byte and its content."""

    def __init__(self, *, has_startup: bool) -> None:
        self._buffer = bytearray()
        self._in_startup = has_startup
        self._is_deaf = False

    def of(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        if self._is_deaf:
            return
        self._buffer += data
        while (head := 4 if self._in_startup else 5) <= len(self._buffer):
            (length,) = struct.unpack_from(">I", self._buffer, head - 4)
            if not 4 <= length <= LARGEST_MESSAGE:
                self._is_deaf = True
                return
            end = head - 4 + length
            if len(self._buffer) < end:
                return
            kind = b"" if self._in_startup else bytes(self._buffer[:1])
            content = bytes(self._buffer[head:end])
            del self._buffer[:end]
            self._in_startup = self._in_startup and length == 8  # a request for TLS, after which it starts anew
            yield kind, content


class PostgresTap:
    """One connection's."""

    def __init__(self, tell: Callable[[Statement], None]) -> None:
        self._tell = tell
        self._up = Frames(has_startup=True)
        self._down = Frames(has_startup=False)
        self._texts: dict[bytes, str] = {}
        self._bound: Statement | None = None
        self._running: deque[Statement] = deque()

    def upward(self, data: bytes, link: Link) -> bool:
        for kind, content in self._up.of(data):
            if kind == b"P":
                name, _, rest = content.partition(b"\0")
                self._texts[name] = rest.partition(b"\0")[0].decode(errors="replace")
            elif kind == b"B":
                self._bound = _bound(content, self._texts)
            elif kind == b"E" and self._bound is not None:
                self._running.append(self._bound)
            elif kind == b"Q":
                self._running.append(Statement(content.rstrip(b"\0").decode(errors="replace")))
        return True

    def downward(self, data: bytes, link: Link) -> bool:
        for kind, content in self._down.of(data):
            if kind == b"C" and self._running:
                statement = self._running.popleft()
                statement.tag, statement.at = content.rstrip(b"\0").decode(errors="replace"), time.time()
                self._tell(statement)
            elif kind == b"Z":
                self._running.clear()
        return True


def _bound(content: bytes, texts: dict[bytes, str]) -> Statement:
    _, _, rest = content.partition(b"\0")
    name, _, rest = rest.partition(b"\0")
    (formats,) = struct.unpack_from(">H", rest)
    at = 2 + 2 * formats
    (count,) = struct.unpack_from(">H", rest, at)
    at += 2
    values: list[bytes | None] = []
    for _ in range(count):
        (length,) = struct.unpack_from(">i", rest, at)
        at += 4
        values.append(None if length < 0 else rest[at : at + length])
        at += max(length, 0)
    return Statement(texts.get(name, ""), tuple(values))
