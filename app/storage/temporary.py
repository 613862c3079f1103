"""A file that grows on our disk, and is not yet what it is going to be."""

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from app.storage.errors import StorageUnavailable
from app.storage.port import Stored


class Temporary:
    """Half of an Upload: all but `commit`. The lock keeps a cancelled caller's last write and its `abort` in order."""

    def __init__(self, key: str, temporary: Path) -> None:
        self._key = key
        self._temporary = temporary
        self._file: BinaryIO | None = None
        self._closed = False
        self._size = 0
        self._digest = hashlib.sha256()
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        return self._temporary

    async def write(self, chunk: bytes, /) -> None:
        await asyncio.to_thread(self._write, chunk)

    async def abort(self) -> None:
        if not self._closed:
            await asyncio.to_thread(self._abort)

    def _written(self) -> Stored:
        return Stored(self._key, self._size, self._digest.hexdigest())

    def _write(self, chunk: bytes) -> None:
        with self._at_work() as file:
            file.write(chunk)
            file.flush()
            self._digest.update(chunk)
            self._size += len(chunk)

    def _abort(self) -> None:
        with self._lock:
            self._discard()

    @contextmanager
    def _at_work(self) -> Iterator[BinaryIO]:
        with self._lock, disk():
            if self._closed:
                raise StorageUnavailable("ABORTED")
            try:
                self._file = self._file or self._temporary.open("xb")
                yield self._file
            except BaseException:
                self._discard()
                raise

    def _discard(self) -> None:
        """Leave nothing behind, as far as the disk lets us; the sweep takes the rest."""
        if self._closed:
            return
        self._closed = True
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)


@contextmanager
def disk() -> Iterator[None]:
    """What the disk refuses is StorageUnavailable."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailable.because(error) from error


def remove(path: Path) -> None:
    with disk():
        path.unlink(missing_ok=True)


def listed(folder: Path) -> list[Path]:
    with disk():
        return sorted(folder.iterdir())


def aged(folder: Path, before: float) -> list[Path]:
    """List what was last written before a time, in seconds since the epoch."""
    old = []
    for path in listed(folder):
        with suppress(FileNotFoundError), disk():
            if path.stat().st_mtime < before:
                old.append(path)
    return old
