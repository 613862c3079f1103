"""Live: whoever watches all of his predictions, or all deliveries, gets each as it is after a change.

One task for the process: a changed row is read once, however many watch. A reader who does not keep up is dropped, and
comes back; what anybody may have missed is told as `AGAIN`, upon which he looks at his list.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import structlog

from app.db import inbox, lookups
from app.db.changes import EVERYTHING, Changes, News, mark_of
from app.db.engine import Database
from app.db.inbox import Kept
from app.domain.errors import TemporarilyUnavailable
from app.domain.prediction import Prediction

AGAIN: Literal["again"] = "again"
QUEUE = 200
AT_ONCE = 100
MOST_NEWS = 5000
DEAF_SECONDS = 5.0
"""Where nobody tells of changes, as behind a pooler, everybody looks this often."""
AWAY_SECONDS = 0.5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Gone:
    """A prediction that was deleted."""

    id: UUID


Item = Prediction | Kept | Gone | Literal["again"]


class Dropped(Exception):
    """This reader did not keep up."""


@dataclass(eq=False, slots=True)
class Stream:
    owner: str
    sees_deliveries: bool
    _items: asyncio.Queue[Item] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    _is_dropped: bool = False

    async def next(self) -> Item:
        """Raises Dropped once what was kept for him was too much."""
        if self._is_dropped:
            raise Dropped
        item = await self._items.get()
        if self._is_dropped:
            raise Dropped
        return item

    def put(self, item: Item) -> None:
        try:
            self._items.put_nowait(item)
        except asyncio.QueueFull:
            self._is_dropped = True


class Live:
    def __init__(self, database: Database, changes: Changes) -> None:
        self._database = database
        self._changes = changes
        self._streams: set[Stream] = set()
        self._news: dict[News, None] = {}
        self._came = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._pass_on_for_ever())
        try:
            with self._changes.followed(self._hear):
                yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @contextmanager
    def watched(self, owner: str, *, sees_deliveries: bool) -> Iterator[Stream]:
        stream = Stream(owner, sees_deliveries)
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    def _hear(self, news: News) -> None:
        """The same news twice, not passed on yet, is one."""
        if not self._streams or news.of == "key":
            return
        if len(self._news) >= MOST_NEWS:
            self._news = {EVERYTHING: None}
        self._news[news] = None
        self._came.set()

    async def _pass_on_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(DEAF_SECONDS):
                    await self._came.wait()
            self._came.clear()
            if not self._changes.is_listening:
                self._hear(EVERYTHING)
            while self._news:
                await self._pass_on()

    async def _pass_on(self) -> None:
        """Taken before they are read: what changes meanwhile is news again."""
        taken = list(self._news)[:AT_ONCE]
        for each in taken:
            del self._news[each]
        try:
            await self._read(taken)
        except TemporarilyUnavailable:
            self._news = dict.fromkeys(taken) | self._news
            await asyncio.sleep(AWAY_SECONDS)
        except Exception as error:
            log.error("news lost", exc_info=error)
            self._put_all(AGAIN)

    async def _read(self, taken: list[News]) -> None:
        if EVERYTHING in taken:
            self._put_all(AGAIN)
        changed, arrived = _ids(taken, "prediction"), _ids(taken, "delivery")
        owners = {stream.owner for stream in self._streams}
        is_delivery_watched = any(stream.sees_deliveries for stream in self._streams)
        async with self._database.transaction() as tx:
            found = await lookups.several(tx, changed, owners) if changed and owners else []
            kept = await inbox.several(tx, arrived) if arrived and is_delivery_watched else []
        for stream in tuple(self._streams):
            for prediction in found:
                if prediction.owner == stream.owner:
                    stream.put(prediction)
            for each in taken:
                if each.of == "deletion" and each.id is not None and each.owner == mark_of(stream.owner):
                    stream.put(Gone(each.id))
            for delivery in kept if stream.sees_deliveries else ():
                stream.put(delivery)

    def _put_all(self, item: Item) -> None:
        for stream in tuple(self._streams):
            stream.put(item)


def _ids(news: list[News], of: str) -> list[UUID]:
    return [each.id for each in news if each.of == of and each.id is not None]
