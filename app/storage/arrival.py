"""A file on its way in: what it is decides its name."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from app.domain.prediction import Thumbnail
from app.storage.errors import FileDamaged
from app.storage.images import FileFacts, check_not_cut, check_whole, facts
from app.storage.keys import new_key
from app.storage.port import BlobStore, Upload
from app.storage.shrinking import Small
from app.storage.sniff import HEAD_BYTES, sniff
from app.storage.thumbnails import Thumbnails


@dataclass(frozen=True)
class StoredFile:
    """A durable blob and what it is. Size in bytes, SHA-256 in hex, width and height in pixels."""

    key: str
    size: int
    sha256: str
    content_type: str
    width: int | None
    height: int | None
    thumbnail: Thumbnail | None = None


class Arrival:
    """A sink that stores what it is given, under a new key with the extension that the content deserves.

    Used as a context: whatever is not committed is gone at its end. With `thumbnails` a picture gets one, if it can.
    """

    def __init__(self, store: BlobStore, *, max_pixels: int, thumbnails: Thumbnails | None = None) -> None:
        self._store = store
        self._max_pixels = max_pixels
        self._thumbnails = thumbnails
        self._head = bytearray()
        self._upload: Upload | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._upload is not None:
            await self._upload.abort()

    async def write(self, chunk: bytes, /) -> None:
        """Take the next bytes. Raises ActiveContent as soon as the head shows it, and StorageUnavailable."""
        if self._upload is not None:
            await self._upload.write(chunk)
            return
        self._head += chunk
        if len(self._head) >= HEAD_BYTES:
            await self._begin()

    async def commit(self, *, proven_whole: bool = True) -> StoredFile:
        """Make the file durable, once its facts are known and an unproven end is checked.

        Raises FileRefused's family and StorageUnavailable.
        """
        upload = self._upload or await self._begin()
        known = await asyncio.to_thread(self._look, upload, proven_whole)
        small = await self._small(upload, known)
        stored = await upload.commit()
        thumbnail = await self._thumbnails.store(small, self._store) if self._thumbnails and small else None
        return StoredFile(
            stored.key, stored.size, stored.sha256, known.content_type, known.width, known.height, thumbnail
        )

    async def _small(self, upload: Upload, known: FileFacts) -> Small | None:
        if self._thumbnails is None or upload.path is None:
            return None
        return await self._thumbnails.make(upload.path, known)

    async def _begin(self) -> Upload:
        head = bytes(self._head)
        self._upload = await self._store.begin(new_key(sniff(head).extension))
        del self._head[HEAD_BYTES:]
        await self._upload.write(head)
        return self._upload

    def _look(self, upload: Upload, proven_whole: bool) -> FileFacts:
        """Look at the file where it lies; of one that is not on our disk only the head is at hand."""
        if upload.path is None:
            if not proven_whole:
                raise FileDamaged("unprovable")
            return facts(bytes(self._head), max_pixels=self._max_pixels)
        check = check_not_cut if proven_whole else check_whole
        check(upload.path, max_pixels=self._max_pixels)
        return facts(upload.path, max_pixels=self._max_pixels)
