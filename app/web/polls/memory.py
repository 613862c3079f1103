"""A bounded memory of rows by their id, which never shows what a notification has made old.

A row that is being read when its notification comes may be the older state: whoever waits for that reading gets it,
since he asked before the notification, but it is not remembered, and whoever asks later has it read again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from app.db.changes import EVERYTHING, News


class Kept(Protocol):
    @property
    def size(self) -> int:
        """Bytes, as nearly as it matters."""


Entry = TypeVar("Entry", bound=Kept)


class Memory(Generic[Entry]):
    """Of at most `most_bytes`; what was asked for longest ago goes first. `is_current` tells whether it may be used."""

    def __init__(self, is_current: Callable[[], bool], most_bytes: int) -> None:
        self._is_current = is_current
        self._most_bytes = most_bytes
        self._entries: OrderedDict[UUID, Entry] = OrderedDict()
        self._readings: dict[UUID, asyncio.Task[Entry | None]] = {}
        self.bytes = 0

    def get(self, subject: UUID) -> Entry | None:
        entry = self._entries.get(subject)
        if entry is None or not self._is_current():
            return None
        self._entries.move_to_end(subject)
        return entry

    async def read(self, subject: UUID, load: Callable[[], Awaitable[Entry | None]]) -> Entry | None:
        """As it is in the database: one reading for all who ask at once. None, which is not remembered, if it is not
        there. Raises what `load` raises."""
        reading = self._readings.get(subject)
        if reading is None:
            reading = self._readings[subject] = asyncio.create_task(self._load(subject, load))
        return await asyncio.shield(reading)

    async def _load(self, subject: UUID, load: Callable[[], Awaitable[Entry | None]]) -> Entry | None:
        own = asyncio.current_task()
        try:
            entry = await load()
            if self._readings.get(subject) is own:
                self._put(subject, entry)
            return entry
        finally:
            if self._readings.get(subject) is own:
                del self._readings[subject]

    def hear(self, news: News) -> None:
        if news == EVERYTHING:
            self._entries.clear()
            self._readings.clear()
            self.bytes = 0
        elif news.of == "prediction" and news.id is not None:
            self._readings.pop(news.id, None)
            self._drop(news.id)

    def _put(self, subject: UUID, entry: Entry | None) -> None:
        self._drop(subject)
        if entry is None or not self._is_current():
            return
        self._entries[subject] = entry
        self.bytes += entry.size
        while self.bytes > self._most_bytes:
            _, oldest = self._entries.popitem(last=False)
            self.bytes -= oldest.size

    def _drop(self, subject: UUID) -> None:
        entry = self._entries.pop(subject, None)
        if entry is not None:
            self.bytes -= entry.size
