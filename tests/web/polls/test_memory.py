"""The memory under any interleaving: nothing older than a notification that has come, nothing while nobody listens."""

import asyncio
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.db.changes import EVERYTHING, News
from app.web.polls.memory import Memory

ROW = UUID(int=1)


@dataclass(frozen=True)
class Version:
    number: int
    size: int = 100


class World:
    """A row in a database, notifications of its commits under way, and readings that take their time."""

    def __init__(self) -> None:
        self.committed = 1
        self.told = 1
        self.is_listening = True
        self.memory = Memory[Version](lambda: self.is_listening, 1_000)
        self.under_way: list[int] = []
        self.readings: list[tuple[asyncio.Future[Version], int]] = []
        self.readers: list[tuple[asyncio.Task[Version | None], int]] = []

    def commit(self) -> None:
        self.committed += 1
        if self.is_listening:
            self.under_way.append(self.committed)

    def notify(self) -> None:
        if self.under_way:
            self.told = self.under_way.pop(0)
            self.memory.hear(News("prediction", ROW))

    def lose(self) -> None:
        self.is_listening, self.under_way = False, []

    def listen(self) -> None:
        if not self.is_listening:
            self.is_listening, self.told = True, self.committed
            self.memory.hear(EVERYTHING)

    def look(self) -> None:
        """What is remembered is never older than what a notification told of; nothing is while nobody listens."""
        found = self.memory.get(ROW)
        if found is not None:
            assert self.is_listening
            assert found.number >= self.told

    async def read(self) -> None:
        """Asked now: its answer must not be older than what was told by now."""
        if self.memory.get(ROW) is None:
            self.readers.append((asyncio.create_task(self.memory.read(ROW, self._load)), self.told))
            await settled()

    async def _load(self) -> Version:
        reading: asyncio.Future[Version] = asyncio.get_running_loop().create_future()
        self.readings.append((reading, self.committed))
        return await reading

    async def answer(self, which: int) -> None:
        if self.readings:
            reading, seen = self.readings.pop(which % len(self.readings))
            reading.set_result(Version(seen))
            await settled()

    async def end(self) -> None:
        while self.readings:
            await self.answer(0)
        for reader, told in self.readers:
            found = await reader
            assert found is not None and found.number >= told


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


STEPS = st.one_of(st.sampled_from(["commit", "notify", "notify", "read", "read", "lose", "listen"]), st.integers(0, 3))


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_nobody_is_shown_a_state_that_a_notification_made_old(steps: list[str | int]) -> None:
    async def live() -> None:
        world = World()
        for step in steps:
            if isinstance(step, int):
                await world.answer(step)
            elif step == "read":
                await world.read()
            else:
                getattr(world, step)()
            world.look()
        await world.end()
        world.look()

    asyncio.run(live())


async def test_those_who_ask_at_once_share_one_reading_and_one_who_leaves_takes_it_from_nobody() -> None:
    memory, asked, answer = Memory[Version](lambda: True, 1_000), [], asyncio.Event()

    async def load() -> Version:
        asked.append(1)
        await answer.wait()
        return Version(7)

    readers = [asyncio.create_task(memory.read(ROW, load)) for _ in range(5)]
    await settled()
    readers[0].cancel()
    await settled()
    answer.set()
    assert await asyncio.gather(*readers[1:]) == [Version(7)] * 4
    assert asked == [1]
    assert memory.get(ROW) == Version(7)


async def test_what_is_not_there_and_what_fails_is_not_remembered() -> None:
    memory = Memory[Version](lambda: True, 1_000)
    found: list[Version | Exception | None] = [None, OSError("away"), Version(1)]

    async def load() -> Version | None:
        given = found.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    assert await memory.read(ROW, load) is None
    with pytest.raises(OSError, match="away"):
        await memory.read(ROW, load)
    assert await memory.read(ROW, load) == Version(1)


async def test_it_keeps_to_its_bytes_and_forgets_first_what_nobody_asks_for() -> None:
    memory = Memory[Version](lambda: True, 350)
    subjects = [uuid4() for _ in range(4)]
    for number, subject in enumerate(subjects):
        await memory.read(subject, partial(loaded, number))
        memory.get(subjects[0])
    assert [memory.get(each) is not None for each in subjects] == [True, False, True, True]
    assert memory.bytes == 300


async def loaded(number: int) -> Version:
    return Version(number)
