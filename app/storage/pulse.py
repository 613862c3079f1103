"""Whether a store works, asked no more often than is worth it: a probe is written, read and removed, and billed."""

import asyncio
from collections.abc import Callable
from time import monotonic

from app.storage.errors import StorageUnavailable
from app.storage.port import BlobStore, Room

BAD_SECONDS = 2.0
"""Soon, so that a store that is back is known to be."""


class Pulse:
    """A store's last answer, for `good_seconds`. Those who ask while one is under way share it."""

    def __init__(self, blobs: BlobStore, *, good_seconds: float, now: Callable[[], float] = monotonic) -> None:
        self._blobs = blobs
        self._good_seconds = good_seconds
        self._now = now
        self._asking: asyncio.Task[Room] | None = None
        self._answered_at = 0.0

    async def probe(self, *, within: float | None = None) -> Room:
        """Raises StorageUnavailable. `within` seconds asks for a fresher answer than usual.

        Who stops waiting does not stop the others.
        """
        if self._asking is None or self._is_stale(self._asking, self._good_seconds if within is None else within):
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> Room:
        try:
            return await self._blobs.probe()
        finally:
            self._answered_at = self._now()

    def _is_stale(self, asked: asyncio.Task[Room], good_seconds: float) -> bool:
        if not asked.done():
            return False
        was_bad = asked.cancelled() or isinstance(asked.exception(), StorageUnavailable)
        return self._now() - self._answered_at >= (BAD_SECONDS if was_bad else good_seconds)
