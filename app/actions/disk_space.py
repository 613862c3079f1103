"""The disk-space watch: below the reserve nothing new is bought, while what is under way gets its room."""

import asyncio
from contextlib import suppress

import structlog

from app.domain.errors import StorageFull
from app.storage.errors import StorageUnavailable
from app.storage.pulse import Pulse

LEAST_FREE_BYTES = 512 * 10**6
"""The reserve unless DISK_RESERVE_MB says otherwise."""
FULL = ("ENOSPC", "EDQUOT")
PROBE_SECONDS = 3.0
TRY_AGAIN_SECONDS = 60

log = structlog.get_logger()


class Space:
    """What is free for blobs, and what must stay free. One for a process."""

    def __init__(self, pulse: Pulse, reserve_bytes: int = LEAST_FREE_BYTES) -> None:
        self.reserve_bytes = reserve_bytes
        self._pulse = pulse
        self._was_low = False

    async def free_bytes(self) -> int | None:
        """None where there is no bound. Raises StorageUnavailable; TimeoutError after PROBE_SECONDS."""
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                free = (await self._pulse.probe()).free_bytes
        except StorageUnavailable as trouble:
            if trouble.reason in FULL:
                self._tell(0)
            raise
        if free is not None:
            self._tell(free)
        return free

    def is_low(self, free: int | None) -> bool:
        return free is not None and free < self.reserve_bytes

    async def require(self) -> None:
        """Raises StorageFull. A store that is away for another reason refuses nothing: its outputs wait for it."""
        free: int | None = None
        try:
            with suppress(TimeoutError):
                free = await self.free_bytes()
        except StorageUnavailable as trouble:
            free = 0 if trouble.reason in FULL else None
        if self.is_low(free):
            raise StorageFull(
                "The storage is nearly full, so nothing new is bought; what is under way goes on.",
                retry_after=TRY_AGAIN_SECONDS,
            )

    def _tell(self, free: int) -> None:
        """Once each time that it gets low, and once when it no longer is."""
        is_low = self.is_low(free)
        if is_low and not self._was_low:
            log.warning("storage nearly full", free_bytes=free, reserve_bytes=self.reserve_bytes)
        if self._was_low and not is_low:
            log.info("storage has room again", free_bytes=free)
        self._was_low = is_low
