"""The append-only truth: one JSON object a line, flushed before anybody is told."""

import asyncio
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class JournalBusyError(RuntimeError):
    """Another emulator keeps this journal. Give this one a DARKROOM_DATA of its own."""


class Journal:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._claim()
        self._written = self._synced = 0
        self._syncing = asyncio.Lock()

    def entries(self) -> Iterator[Entry]:
        self._drop_torn_line()
        with self._path.open("rb") as lines:
            for line in lines:
                yield json.loads(line)

    def append(self, entry: Entry) -> None:
        """In the kernel's hands at once, which is what a killed process needs."""
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        self._written += os.write(self._file, line)

    async def sync(self) -> None:
        """On the disk; creates that arrive together share one flush."""
        due = self._written
        async with self._syncing:
            if self._synced < due:
                reached = self._written
                await asyncio.to_thread(os.fsync, self._file)
                self._synced = reached

    def forget(self) -> None:
        os.ftruncate(self._file, 0)

    def close(self) -> None:
        os.close(self._file)

    def _claim(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise JournalBusyError(f"{self._path}: {JournalBusyError.__doc__}") from None

    def _drop_torn_line(self) -> None:
        """What was cut off in mid write was never answered for."""
        text = self._path.read_bytes()
        if text and not text.endswith(b"\n"):
            os.ftruncate(self._file, text.rfind(b"\n") + 1)
