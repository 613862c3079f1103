"""A folder of this machine's, where a file waits on its way to a store elsewhere until it is whole and known.

So the provider's link, which dies soon, is emptied at the disk's pace and not at the bucket's; a picture is proven
whole by decoding it before anybody can see it; and a bucket is only ever given what will stay. What a killed process
leaves is a temporary here, which the sweep removes.
"""

import asyncio
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import BinaryIO

from app.storage.errors import StorageUnavailable
from app.storage.port import Stored
from app.storage.temporary import Temporary, aged, disk, remove

Send = Callable[[BinaryIO, Stored], Awaitable[None]]
"""Puts a finished file, open at its beginning, into the store: whole or not at all. Raises StorageUnavailable."""


class Spool:
    """Several processes may share the folder. It is made by the first upload: who only reads needs no disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def begin(self, key: str, send: Send) -> "SpooledUpload":
        await asyncio.to_thread(self._prepare)
        return SpooledUpload(key, self._folder / f"{key}.{secrets.token_hex(4)}", send)

    async def sweep(self, older_than: float) -> int:
        """Remove what has not been written to for so many seconds. Return how many files that were."""
        return await asyncio.to_thread(self._sweep, time.time() - older_than)

    async def free_bytes(self) -> int | None:
        """Room that is left, or None where nothing was ever spooled."""
        return await asyncio.to_thread(self._free_bytes)

    def _prepare(self) -> None:
        with disk():
            self._folder.mkdir(parents=True, exist_ok=True)

    def _sweep(self, before: float) -> int:
        left = aged(self._folder, before) if self._folder.is_dir() else []
        for file in left:
            remove(file)
        return len(left)

    def _free_bytes(self) -> int | None:
        try:
            return shutil.disk_usage(self._folder).free
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageUnavailable.because(error) from error


class SpooledUpload(Temporary):
    """An upload that is on our disk until `commit` sends it on."""

    def __init__(self, key: str, temporary: Path, send: Send) -> None:
        super().__init__(key, temporary)
        self._send = send

    async def commit(self) -> Stored:
        """A cancelled one closes the file under its reader, which then ends as a failed upload does."""
        stored, file = await asyncio.to_thread(self._seal)
        try:
            await self._send(file, stored)
        finally:
            await self.abort()
        return stored

    def _seal(self) -> tuple[Stored, BinaryIO]:
        """No more will be written. Not synced: it is here for moments, and a lost one is fetched again."""
        with self._at_work() as file:
            file.close()
            self._file = self._temporary.open("rb")
            return self._written(), self._file
