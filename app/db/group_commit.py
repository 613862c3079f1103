"""Group commit: what comes while a batch is being written goes into the next one, together.

One write is under way at a time, so that whoever comes alone waits for nobody, and a crowd shares its commits. The
idea is older than its name in databases (DeWitt et al., “Implementation Techniques for Main Memory Database Systems”,
1984); Postgres' own `commit_delay` saves the flush, this saves the statements and the round trips too.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from app.domain.errors import TemporarilyUnavailable


class Item(Protocol):
    @property
    def identity(self) -> Hashable:
        """Two of the same never share a batch."""


Given = TypeVar("Given", bound=Item)
Made = TypeVar("Made")
Write = Callable[[Sequence[Given]], Awaitable[Sequence[Made]]]


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Given, Made]):
    identity: Hashable
    given: Given
    made: asyncio.Future[Made]


class GroupCommit(Generic[Given, Made]):
    """`write` makes a batch durable and returns what became of each, in their order. At most `writers` batches are
    being written at a time: with two, one is prepared here while the other lies at the database."""

    def __init__(self, write: Write[Given, Made], *, most: int = 100, writers: int = 1) -> None:
        self._write = write
        self._most = most
        self._most_writers = writers
        self._waiting: deque[_Waiting[Given, Made]] = deque()
        self._writers: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Nobody is served, and nobody waits."""
        return not self._writers

    async def add(self, given: Given) -> Made:
        """Durable when it returns; it may become so though its caller is cancelled. Raises what `write` raises."""
        made: asyncio.Future[Made] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(given.identity, given, made))
        if len(self._writers) < self._most_writers:
            self._writers.add(asyncio.create_task(self._write_all()))
        return await made

    async def _write_all(self) -> None:
        """Leaves its place in the moment in which nobody waits: who comes after that gets a writer of his own."""
        own = asyncio.current_task()
        try:
            while self._waiting:
                await self._write_together(self._next())
        finally:
            self._writers -= {own}

    def _next(self) -> list[_Waiting[Given, Made]]:
        """The first of each identity; who has to wait keeps his place."""
        taken: dict[Hashable, _Waiting[Given, Made]] = {}
        twins: list[_Waiting[Given, Made]] = []
        while self._waiting and len(taken) < self._most:
            each = self._waiting.popleft()
            if each.identity in taken:
                twins.append(each)
            else:
                taken[each.identity] = each
        self._waiting.extendleft(reversed(twins))
        return list(taken.values())

    async def _write_together(self, batch: Sequence[_Waiting[Given, Made]]) -> None:
        """Where one spoils the batch, the others are written without it."""
        try:
            results = await self._write([each.given for each in batch])
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, TemporarilyUnavailable):
                for each in batch:
                    await self._write_together([each])
                return
            for each in batch:
                if not each.made.done():
                    each.made.set_exception(error)
            return
        for each, result in zip(batch, results, strict=True):
            if not each.made.done():
                each.made.set_result(result)
