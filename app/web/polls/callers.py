"""Whom a key stands for, remembered for as long as nothing was heard of any key, and half a minute at most."""

from collections.abc import Callable
from time import monotonic

from app.db import keys
from app.db.changes import News
from app.db.engine import Database
from app.db.keys import sha256_of
from app.domain.caller import Caller

MOST = 10_000
REMEMBERED_SECONDS = 30.0
"""Less than the minute within which a key's last use is noted, and what a rotated key's grace may be late by."""


class Callers:
    """Keys are remembered by their hash. A key that opens nothing is never remembered."""

    def __init__(self, database: Database, is_current: Callable[[], bool]) -> None:
        self._database = database
        self._is_current = is_current
        self._found: dict[bytes, tuple[Caller, float]] = {}
        self._heard = 0

    def known(self, key: str) -> Caller | None:
        """From memory alone."""
        caller, until = self._found.get(sha256_of(key), (None, 0.0))
        return caller if monotonic() < until and self._is_current() else None

    async def find(self, key: str) -> Caller | None:
        known = self.known(key)
        return known if known is not None else await self._find(key)

    async def _find(self, key: str) -> Caller | None:
        heard = self._heard
        async with self._database.transaction() as tx:
            opened = await keys.find_caller_for(tx, key)
        if opened is None:
            return None
        caller, seconds = opened
        if heard == self._heard and self._is_current():
            if len(self._found) >= MOST:
                self._found.clear()
            self._found[sha256_of(key)] = caller, monotonic() + min(REMEMBERED_SECONDS, seconds)
        return caller

    def hear(self, news: News) -> None:
        if news.of in ("key", "everything"):
            self._heard += 1
            self._found.clear()
