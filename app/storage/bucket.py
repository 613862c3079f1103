"""A bucket: blobs as objects under one prefix. S3 and what speaks like it, GCS and Azure, through obstore."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import BinaryIO

import obstore
from obstore.store import ObjectStore

from app.storage.bucket_calls import BucketCalls
from app.storage.errors import BlobMissing, StorageUnavailable
from app.storage.keys import KEY, checked
from app.storage.port import PROBE, Room, Stored
from app.storage.serving import CACHE_CONTROL, content_type_of, disposition_of
from app.storage.spool import Spool, SpooledUpload

PART_BYTES = 8 * 2**20
PARTS_AT_ONCE = 2
"""So an upload holds 24 MiB at most: two parts under way and the one being read. Up to one part is a single request."""
PIECE_BYTES = 2**20
PAGE = 1000
PROBE_NAME = ".probe"


class Bucket:
    """A BlobStore over an obstore store that knows its prefix. Several processes may share it.

    `signs` says whether the store can give out addresses that open one blob for a while.
    """

    def __init__(self, bucket: ObjectStore, *, spool: Spool, calls: BucketCalls, signs: bool) -> None:
        self._bucket = bucket
        self._spool = spool
        self._calls = calls
        self._signs = signs

    async def prepare(self) -> None:
        """Nothing: a service starts, and says what is wrong, while its bucket is away."""

    async def begin(self, key: str) -> SpooledUpload:
        return await self._spool.begin(checked(key), self._send)

    def local_path(self, key: str) -> None:
        checked(key)

    async def link(self, key: str, seconds: int) -> str | None:
        name = checked(key)
        if not self._signs:
            return None
        life = timedelta(seconds=seconds)
        return await self._calls(obstore.sign, self._bucket, "GET", name, life)  # type: ignore[arg-type]

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """A request for each piece: a slow reader keeps no connection open, and none is open for ever."""
        end = await self._end(key) if end is None else end
        while start < end:
            piece = await self._piece(key, start, min(end, start + PIECE_BYTES))
            yield piece
            start += len(piece)

    async def size(self, key: str) -> int | None:
        try:
            return (await self._calls(obstore.head, self._bucket, checked(key)))["size"]
        except FileNotFoundError:
            return None

    async def delete(self, key: str) -> None:
        await self._remove(checked(key))

    async def keys(self, older_than: float) -> AsyncIterator[str]:
        before = time.time() - older_than
        pages = obstore.list(self._bucket, chunk_size=PAGE)
        while page := await self._calls(next, pages, None):
            for each in page:
                if each["last_modified"].timestamp() < before and KEY.fullmatch(each["path"]):
                    yield each["path"]

    async def sweep_temporaries(self, older_than: float) -> int:
        """Those on our disk. Parts of an upload that was killed are the bucket's to forget, by a lifecycle rule."""
        return await self._spool.sweep(older_than)

    async def probe(self) -> Room:
        """Under one name for all processes, so that none piles up; one that another has just removed was readable."""
        await self._put(PROBE_NAME, PROBE)
        try:
            if bytes(await self._calls(obstore.get_range, self._bucket, PROBE_NAME, start=0, end=len(PROBE))) != PROBE:
                raise StorageUnavailable("GARBLED")
        except FileNotFoundError:
            pass
        await self._remove(PROBE_NAME)
        return Room(free_bytes=await self._spool.free_bytes())

    async def _send(self, file: BinaryIO, stored: Stored) -> None:
        """Closing the file ends a multipart upload, which obstore then aborts: nothing becomes visible."""
        whole = stored.size <= PART_BYTES
        await self._put(stored.key, await self._calls(file.read) if whole else file)

    async def _put(self, name: str, content: bytes | BinaryIO) -> None:
        content_type = content_type_of(name)
        try:
            await self._calls(
                obstore.put,
                self._bucket,
                name,
                content,
                attributes={
                    "Content-Type": content_type,
                    "Cache-Control": CACHE_CONTROL,
                    "Content-Disposition": disposition_of(content_type),
                },
                use_multipart=not isinstance(content, bytes),
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )
        except FileNotFoundError:
            raise StorageUnavailable("BUCKET_MISSING") from None

    async def _remove(self, name: str) -> None:
        try:
            await self._calls(obstore.delete, self._bucket, name)
        except FileNotFoundError:
            return

    async def _end(self, key: str) -> int:
        size = await self.size(key)
        if size is None:
            raise BlobMissing(key)
        return size

    async def _piece(self, key: str, start: int, end: int) -> bytes:
        try:
            piece = bytes(await self._calls(obstore.get_range, self._bucket, checked(key), start=start, end=end))
        except FileNotFoundError:
            raise BlobMissing(key) from None
        if not piece:
            raise StorageUnavailable("SHORT")
        return piece
