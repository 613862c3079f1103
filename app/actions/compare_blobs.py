"""Recorded files and what lies in a store: is each there, as large, and the same to the byte?"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from app.db import file_lists
from app.db.engine import Database
from app.domain.prediction import StoredFile
from app.storage.errors import BlobMissing, StorageUnavailable
from app.storage.port import BlobStore

PAGE = 500
AT_ONCE = 4


class Found(StrEnum):
    """What became of one file. The last three are trouble."""

    COPIED = "copied"
    TO_COPY = "to_copy"
    PRESENT = "present"
    MISSING = "missing"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"


TROUBLE = (Found.MISSING, Found.DAMAGED, Found.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Compared:
    """`why` is a few words, for trouble."""

    file: StoredFile
    found: Found
    why: str = ""


Look = Callable[[StoredFile], Awaitable[Compared]]


async def verify_blobs(database: Database, blobs: BlobStore, *, hashes: bool) -> AsyncIterator[Compared]:
    """Every recorded file by its size, and with `hashes` by reading it to its end."""

    async def look(file: StoredFile) -> Compared:
        found = await compare(blobs, file, hashes=hashes)
        return Compared(file, Found.MISSING, "not there") if found is None else found

    async for each in each_file(database, look):
        yield each


async def compare(blobs: BlobStore, file: StoredFile, *, hashes: bool) -> Compared | None:
    """None if it is not there. Raises StorageUnavailable."""
    size = await blobs.size(file.key)
    if size is None:
        return None
    if size != file.bytes:
        return Compared(file, Found.DAMAGED, f"{size} bytes instead of {file.bytes}")
    if hashes and await _sha256(blobs, file.key) != file.sha256:
        return Compared(file, Found.DAMAGED, "other bytes than recorded")
    return Compared(file, Found.PRESENT)


async def each_file(database: Database, look: Look) -> AsyncIterator[Compared]:
    """A few at a time, in the order of their keys; no transaction is open while a store is waited for."""
    key, turns = "", asyncio.Semaphore(AT_ONCE)

    async def in_turn(file: StoredFile) -> Compared:
        async with turns:
            try:
                return await look(file)
            except StorageUnavailable as trouble:
                return Compared(file, Found.UNREACHABLE, trouble.reason)
            except BlobMissing:
                return Compared(file, Found.MISSING, "gone while it was read")

    while page := await _page(database, key):
        key = page[-1].key
        for each in asyncio.as_completed([in_turn(file) for file in page]):
            yield await each


async def _page(database: Database, key: str) -> list[StoredFile]:
    async with database.transaction() as tx:
        return await file_lists.stored_after(tx, key, PAGE)


async def _sha256(blobs: BlobStore, key: str) -> str:
    digest = hashlib.sha256()
    async for piece in blobs.read(key):
        digest.update(piece)
    return digest.hexdigest()
