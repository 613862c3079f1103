"""Thumbnails: a comfort, so that one that cannot be made, or not in time, is left out and delays nobody for long."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from app.domain.prediction import Thumbnail
from app.storage.errors import StorageUnavailable
from app.storage.images import FileFacts
from app.storage.keys import new_key
from app.storage.port import BlobStore
from app.storage.shrinking import DECODER_OF, Small, shrink

MOST_BYTES = 256 * 2**20
"""What decoding may take: enough for 4096 × 4096 pixels of every kind, and for four times as many of a PNG."""
BYTES_PER_PIXEL = {"image/webp": 16, "image/avif": 10, "image/jpeg": 6}
"""As measured: WebP keeps two canvases and copies one, a progressive JPEG all its coefficients."""
SECONDS = 10.0
"""For waiting and making together, and again for storing."""

log = structlog.get_logger()


class Thumbnails:
    """One for a process. Made one after another in a thread of its own, so that many collections at once take the
    memory of one, and leave the threads that write files alone."""

    def __init__(self, *, most_bytes: int = MOST_BYTES, seconds: float = SECONDS) -> None:
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="thumbnails")

    async def make(self, path: Path, known: FileFacts) -> Small | None:
        """None for what is no picture, and whenever it does not work out. `path` may go once this has returned."""
        if known.content_type not in DECODER_OF or known.width is None or known.height is None:
            return None
        if known.width * known.height * BYTES_PER_PIXEL.get(known.content_type, 4) > self._most_bytes:
            log.info("no thumbnail", reason="too large")
            return None
        try:
            async with asyncio.timeout(self._seconds):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._thread, shrink, path, known.content_type)
        except Exception as error:  # a dozen kinds for bad pictures, and memory, time and the thread may have run out
            log.info("no thumbnail", reason=type(error).__name__)
            return None

    async def store(self, small: Small, blobs: BlobStore) -> Thumbnail | None:
        """None if the store does not take it; what that leaves is swept."""
        try:
            async with asyncio.timeout(self._seconds):
                return await _stored(small, blobs)
        except (StorageUnavailable, TimeoutError) as error:
            log.info("no thumbnail", reason=type(error).__name__)
            return None

    def close(self) -> None:
        """Waits for nothing."""
        self._thread.shutdown(wait=False, cancel_futures=True)


async def _stored(small: Small, blobs: BlobStore) -> Thumbnail:
    upload = await blobs.begin(new_key("webp", "-thumb"))
    try:
        await upload.write(small.webp)
        stored = await upload.commit()
    finally:
        await upload.abort()
    return Thumbnail(stored.key, stored.size, stored.sha256, small.hash)
