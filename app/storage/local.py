"""The disk: blobs as files below one folder, `ab/abcdef….png`, and `.incoming/` for those not finished."""

import asyncio
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.storage.errors import BlobMissing, StorageUnavailable
from app.storage.keys import KEY, checked
from app.storage.port import PROBE, Room, Stored
from app.storage.temporary import Temporary, aged, disk, listed, remove

PIECE = 256 * 1024  # bytes read at once
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

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        file = await asyncio.to_thread(self._open, key)
        try:
            while piece := await asyncio.to_thread(_read, file, start, end):
                yield piece
                start += len(piece)
        finally:
            file.close()

    async def size(self, key: str) -> int | None:
        return await asyncio.to_thread(_size, self.local_path(key))

    async def link(self, key: str, seconds: int) -> None:
        checked(key)

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(remove, self.local_path(key))

    async def keys(self, older_than: float) -> AsyncIterator[str]:
        before = time.time() - older_than
        for shard in await asyncio.to_thread(listed, self._root):
            if SHARD.fullmatch(shard.name):
                for file in await asyncio.to_thread(aged, shard, before):
                    if KEY.fullmatch(file.name):
                        yield file.name

    async def sweep_temporaries(self, older_than: float) -> int:
        left = await asyncio.to_thread(aged, self._incoming, time.time() - older_than)
        for file in left:
            await asyncio.to_thread(remove, file)
        return len(left)

    async def probe(self) -> Room:
        return await asyncio.to_thread(self._probe)

    def _prepare(self) -> None:
        with disk():
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
        with disk():
            try:
                return self.local_path(key).open("rb")
            except FileNotFoundError as error:
                raise BlobMissing(key) from error

    def _probe(self) -> Room:
        path = self._incoming / f"probe.{secrets.token_hex(8)}"
        with disk():
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


class LocalUpload(Temporary):
    """A file in `.incoming/` until `commit` gives it its name."""

    def __init__(self, key: str, temporary: Path, settle: Callable[[Path, str], None]) -> None:
        super().__init__(key, temporary)
        self._settle = settle

    async def commit(self) -> Stored:
        return await asyncio.to_thread(self._commit)

    def _commit(self) -> Stored:
        with self._at_work() as file:
            os.fsync(file.fileno())
            file.close()
            self._settle(self._temporary, self._key)
            self._closed = True
        return self._written()


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


def _read(file: BinaryIO, start: int, end: int | None) -> bytes:
    with disk():
        file.seek(start)
        return file.read(PIECE if end is None else max(0, min(PIECE, end - start)))


def _size(path: Path) -> int | None:
    with disk():
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None
