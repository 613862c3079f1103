"""The disk: blobs as files below one folder, `ab/abcdef….png`, and `.incoming/` for those not finished."""

import asyncio
import hashlib
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from app.storage.errors import BlobMissing, StorageUnavailable
from app.storage.keys import KEY, checked
from app.storage.port import Room, Stored

PIECE = 256 * 1024  # bytes read at once
PROBE = bytes(range(256)) * 16
SHARD = re.compile(r"[a-z2-7]{2}")  # a volume's own folders, such as lost+found, are none of ours


class LocalStore:
    """A BlobStore on one file system. Several processes may share the folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / ".incoming"
        self._synced: set[str] = set()

    async def prepare(self) -> None:
        """Make the folders. Later a missing one counts as a disk that is gone and is not made again."""
        await asyncio.to_thread(self._prepare)

    async def begin(self, key: str) -> "LocalUpload":
        return LocalUpload(checked(key), self._incoming / f"{key}.{secrets.token_hex(4)}", self._settle)

    def local_path(self, key: str) -> Path:
        return self._root / checked(key)[:2] / key

    async def read(self, key: str) -> AsyncIterator[bytes]:
        file = await asyncio.to_thread(self._open, key)
        try:
            while piece := await asyncio.to_thread(_read, file):
                yield piece
        finally:
            file.close()

    async def exists(self, key: str) -> bool:
        return await asyncio.to_thread(_is_there, self.local_path(key))

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(_remove, self.local_path(key))

    async def keys(self, older_than: float) -> AsyncIterator[str]:
        before = time.time() - older_than
        for shard in await asyncio.to_thread(_listed, self._root):
            if SHARD.fullmatch(shard.name):
                for file in await asyncio.to_thread(_aged, shard, before):
                    if KEY.fullmatch(file.name):
                        yield file.name

    async def sweep_temporaries(self, older_than: float) -> int:
        left = await asyncio.to_thread(_aged, self._incoming, time.time() - older_than)
        for file in left:
            await asyncio.to_thread(_remove, file)
        return len(left)

    async def probe(self) -> Room:
        return await asyncio.to_thread(self._probe)

    def _prepare(self) -> None:
        with _disk():
            _make_folder(self._incoming)

    def _settle(self, temporary: Path, key: str) -> None:
        """Give a finished file its name. The name and its folder survive a power cut when this returns."""
        place = self.local_path(key)
        with suppress(FileExistsError):
            place.parent.mkdir()
            self._synced.discard(place.parent.name)
        if place.parent.name not in self._synced:
            _sync_folder(self._root)  # also when another process made the shard and may not be that far
            self._synced.add(place.parent.name)
        temporary.replace(place)
        _sync_folder(place.parent)

    def _open(self, key: str) -> BinaryIO:
        with _disk():
            try:
                return self.local_path(key).open("rb")
            except FileNotFoundError as error:
                raise BlobMissing(key) from error

    def _probe(self) -> Room:
        path = self._incoming / f"probe.{secrets.token_hex(8)}"
        with _disk():
            try:
                with path.open("xb") as file:
                    file.write(PROBE)
                    file.flush()
                    os.fsync(file.fileno())
                if path.read_bytes() != PROBE:
                    raise StorageUnavailable("GARBLED")
                return Room(free_bytes=shutil.disk_usage(self._root).free)
            finally:
                path.unlink(missing_ok=True)


class LocalUpload:
    """A file in `.incoming/`. The lock keeps a cancelled caller's last write and its `abort` in order."""

    def __init__(self, key: str, temporary: Path, settle: Callable[[Path, str], None]) -> None:
        self._key = key
        self._temporary = temporary
        self._settle = settle
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

    async def commit(self) -> Stored:
        return await asyncio.to_thread(self._commit)

    async def abort(self) -> None:
        if not self._closed:
            await asyncio.to_thread(self._abort)

    def _write(self, chunk: bytes) -> None:
        with self._at_work() as file:
            file.write(chunk)
            file.flush()
            self._digest.update(chunk)
            self._size += len(chunk)

    def _commit(self) -> Stored:
        with self._at_work() as file:
            os.fsync(file.fileno())
            file.close()
            self._settle(self._temporary, self._key)
            self._closed = True
        return Stored(self._key, self._size, self._digest.hexdigest())

    def _abort(self) -> None:
        with self._lock:
            self._discard()

    @contextmanager
    def _at_work(self) -> Iterator[BinaryIO]:
        with self._lock, _disk():
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
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable.because(error) from error


def _make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, each durable before the next."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(file: BinaryIO) -> bytes:
    with _disk():
        return file.read(PIECE)


def _is_there(path: Path) -> bool:
    with _disk():
        return path.is_file()


def _remove(path: Path) -> None:
    with _disk():
        path.unlink(missing_ok=True)


def _listed(folder: Path) -> list[Path]:
    with _disk():
        return sorted(folder.iterdir())


def _aged(folder: Path, before: float) -> list[Path]:
    """List what was last written before a time, in seconds since the epoch."""
    old = []
    for path in _listed(folder):
        with suppress(FileNotFoundError), _disk():
            if path.stat().st_mtime < before:
                old.append(path)
    return old
