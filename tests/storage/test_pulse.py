"""A store's sign of life, asked for no more often than is worth it."""

import asyncio
from pathlib import Path

import pytest

from app.storage.errors import StorageUnavailable
from app.storage.local import LocalStore
from app.storage.port import Room
from app.storage.pulse import BAD_SECONDS, Pulse


class Patient(LocalStore):
    """Counts how often it is probed; answers once it may."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.probes = 0
        self.healthy = True
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def probe(self) -> Room:
        self.probes += 1
        await self.may_answer.wait()
        if not self.healthy:
            raise StorageUnavailable("ENOSPC")
        return Room(free_bytes=None)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Patient:
    return Patient(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pulse(store: Patient, clock: Clock) -> Pulse:
    return Pulse(store, good_seconds=60, now=clock)


async def test_a_good_answer_is_believed_for_a_while(store: Patient, pulse: Pulse, clock: Clock) -> None:
    for clock.now in (0, 30, 59.9):
        await pulse.probe()
    assert store.probes == 1
    clock.now = 60
    await pulse.probe()
    assert store.probes == 2


async def test_who_needs_a_fresh_answer_gets_one(store: Patient, pulse: Pulse, clock: Clock) -> None:
    await pulse.probe()
    clock.now = 6
    await pulse.probe(within=10)
    assert store.probes == 1
    await pulse.probe(within=5)
    assert store.probes == 2


async def test_a_bad_answer_is_soon_doubted(store: Patient, pulse: Pulse, clock: Clock) -> None:
    store.healthy = False
    for _ in range(3):
        with pytest.raises(StorageUnavailable):
            await pulse.probe()
    assert store.probes == 1
    store.healthy = True
    clock.now = BAD_SECONDS
    await pulse.probe()
    assert store.probes == 2


async def test_those_who_ask_at_once_share_one_probe(store: Patient, pulse: Pulse) -> None:
    store.may_answer.clear()
    asking = [asyncio.create_task(pulse.probe()) for _ in range(9)]
    await asyncio.sleep(0)
    asking.pop().cancel()
    store.may_answer.set()
    assert await asyncio.gather(*asking) == [Room(None)] * 8
    assert store.probes == 1
