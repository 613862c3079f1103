"""Vercel Blob: blobs under one folder of a store, by its REST API (`app.outbound.vercel_blob`)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from app.outbound.errors import BlobApiTrouble
from app.outbound.vercel_blob import BlobFacts, VercelBlobApi
from app.storage.errors import BlobMissing, StorageUnavailable
from app.storage.keys import KEY, checked
from app.storage.port import PROBE, Room, Stored
from app.storage.serving import MAX_AGE_SECONDS, content_type_of
from app.storage.spool import Spool, SpooledUpload
from app.storage.temporary import disk

IN_PARTS_FROM = 64 * 2**20
"""A picture is one request, since each step of an upload in parts is billed."""
PART_BYTES = 8 * 2**20
"""In memory at once, and the most that an upload holds."""
PIECE_BYTES = 2**20
PROBE_NAME = ".probe"


class VercelStore:
    """A BlobStore. Its objects lie where its first answer said; they are open to all unless the store is private.

    Content-Disposition is Vercel's own choice by type: its API takes none.
    """

    def __init__(self, api: VercelBlobApi, *, folder: str, is_public: bool, spool: Spool) -> None:
        self._api = api
        self._folder = folder
        self._is_public = is_public
        self._spool = spool
        self._origin: str | None = None

    async def prepare(self) -> None:
        """Nothing: a service starts, and says what is wrong, while its store is away."""

    async def begin(self, key: str) -> SpooledUpload:
        return await self._spool.begin(checked(key), self._send)

    def local_path(self, key: str) -> None:
        checked(key)

    async def link(self, key: str, seconds: int) -> str | None:
        """For good; the first costs a question, to learn where objects lie."""
        name = checked(key)
        return await self._url(name) if self._is_public else None

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        if end is None:
            end = await self.size(key)
        url = await self._url(checked(key))
        if url is None or end is None:
            raise BlobMissing(key)
        while start < end:
            with _told():
                piece = await self._api.fetch(url, start, min(end, start + PIECE_BYTES))
            if not piece:
                raise BlobMissing(key)
            yield piece
            start += len(piece)

    async def size(self, key: str) -> int | None:
        found = await self._head(checked(key))
        return None if found is None else found.size

    async def delete(self, key: str) -> None:
        with _told():
            await self._api.delete(self._pathname(checked(key)))

    async def keys(self, older_than: float) -> AsyncIterator[str]:
        before, cursor, more = time.time() - older_than, None, True
        while more:
            with _told():
                page, cursor = await self._api.listed(f"{self._folder}/", cursor)
            for each in page:
                name = each.pathname.removeprefix(f"{self._folder}/")
                if KEY.fullmatch(name) and _time(each.uploaded_at) < before:
                    yield name
            more = cursor is not None

    async def sweep_temporaries(self, older_than: float) -> int:
        """Those on our disk. Parts of an upload that was killed are Vercel's: its API names no way to remove them."""
        return await self._spool.sweep(older_than)

    async def probe(self) -> Room:
        """Write, ask and remove. Not read back: that may be answered by a cache, which says nothing."""
        await self._put(PROBE_NAME, _once(PROBE), len(PROBE))
        found = await self._head(PROBE_NAME)
        if found is not None and found.size != len(PROBE):
            raise StorageUnavailable("GARBLED")
        with _told():
            await self._api.delete(self._pathname(PROBE_NAME))
        return Room(free_bytes=await self._spool.free_bytes())

    async def _send(self, file: BinaryIO, stored: Stored) -> None:
        if stored.size >= IN_PARTS_FROM:
            with _told():
                parts = _pieces(file, PART_BYTES)
                self._note(await self._api.put_parts(self._pathname(stored.key), parts, _about(stored.key)))
        else:
            await self._put(stored.key, lambda: _pieces(file, PIECE_BYTES), stored.size)

    async def _put(self, name: str, body: Callable[[], AsyncIterator[bytes]], size: int) -> None:
        with _told():
            self._note(await self._api.put(self._pathname(name), body, size, _about(name)))

    async def _head(self, name: str) -> BlobFacts | None:
        with _told():
            found = await self._api.head(self._pathname(name))
        return found and self._note(found)

    async def _url(self, key: str) -> str | None:
        if self._origin is None and await self._head(key) is None:
            return None
        return f"{self._origin}{self._pathname(key)}"

    def _note(self, found: BlobFacts) -> BlobFacts:
        """Every blob of a store lies on one host, under its pathname."""
        self._origin = found.url.removesuffix(found.pathname)
        return found

    def _pathname(self, name: str) -> str:
        return f"{self._folder}/{name}"


def _about(name: str) -> dict[str, str]:
    return {"x-content-type": content_type_of(name), "x-cache-control-max-age": str(MAX_AGE_SECONDS)}


async def _pieces(file: BinaryIO, size: int) -> AsyncIterator[bytes]:
    """From the beginning, each time."""
    file.seek(0)
    while True:
        with disk():
            piece = await asyncio.to_thread(file.read, size)
        if not piece:
            return
        yield piece


def _once(content: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def pieces() -> AsyncIterator[bytes]:
        yield content

    return pieces


def _time(text: str | None) -> float:
    """Seconds since the epoch."""
    return datetime.fromisoformat(text or "").timestamp()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BlobApiTrouble as trouble:
        raise StorageUnavailable(trouble.reason) from trouble
