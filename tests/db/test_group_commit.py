"""Group commit: everybody's own answer, whoever shares his commit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from app.db.group_commit import GroupCommit
from app.domain.errors import TemporarilyUnavailable


@dataclass(frozen=True)
class Given:
    number: int
    identity: int


class Disk:
    """Writes one batch at a time, each when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.poison: set[int] = set()
        self.away = False
        self._go = asyncio.Semaphore(0)

    async def write(self, given: Sequence[Given]) -> list[str]:
        self.batches.append([each.number for each in given])
        await self._go.acquire()
        if self.away:
            raise TemporarilyUnavailable("away")
        if any(each.number in self.poison for each in given):
            raise ValueError("poison")
        return [f"kept {each.number}" for each in given]

    def go(self, times: int = 1) -> None:
        for _ in range(times):
            self._go.release()


async def crowd(together: GroupCommit[Given, str], *numbers: int, same: int | None = None) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(together.add(Given(each, same or each))) for each in numbers]
    await asyncio.sleep(0)
    return tasks


async def test_who_comes_while_a_batch_is_written_goes_into_the_next_together() -> None:
    disk = Disk()
    together = GroupCommit(disk.write)
    first = await crowd(together, 1)
    await asyncio.sleep(0)
    others = await crowd(together, 2, 3, 4)
    disk.go(2)
    assert await asyncio.gather(*first, *others) == ["kept 1", "kept 2", "kept 3", "kept 4"]
    assert disk.batches == [[1], [2, 3, 4]]


async def test_two_of_the_same_never_share_a_batch_and_keep_their_order() -> None:
    disk = Disk()
    together = GroupCommit(disk.write)
    twins = await crowd(together, 1, 2, 3, same=7)
    disk.go(3)
    assert await asyncio.gather(*twins) == ["kept 1", "kept 2", "kept 3"]
    assert disk.batches == [[1], [2], [3]]


async def test_a_batch_has_its_bound() -> None:
    disk = Disk()
    together = GroupCommit(disk.write, most=2)
    everybody = await crowd(together, *range(1, 6))
    disk.go(3)
    await asyncio.gather(*everybody)
    assert disk.batches == [[1, 2], [3, 4], [5]]


async def test_one_who_spoils_the_batch_spoils_it_for_himself_alone() -> None:
    disk = Disk()
    disk.poison = {2}
    together = GroupCommit(disk.write)
    tasks = await crowd(together, 1, 2, 3)
    disk.go(4)
    one, two, three = await asyncio.gather(*tasks, return_exceptions=True)
    assert (one, three) == ("kept 1", "kept 3")
    assert isinstance(two, ValueError)


async def test_while_the_database_is_away_everybody_hears_so_and_it_is_tried_again_for_the_next() -> None:
    disk = Disk()
    disk.away = True
    together = GroupCommit(disk.write)
    tasks = await crowd(together, 1, 2)
    disk.go()
    heard = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in heard] == [TemporarilyUnavailable] * 2
    disk.away = False
    disk.go()
    assert await together.add(Given(3, 3)) == "kept 3"


async def test_who_gives_up_waiting_takes_nothing_from_the_others() -> None:
    disk = Disk()
    together = GroupCommit(disk.write)
    leaver, stayer = await crowd(together, 1, 2)
    await asyncio.sleep(0)
    leaver.cancel()
    disk.go()
    assert await stayer == "kept 2"
    with pytest.raises(asyncio.CancelledError):
        await leaver
    assert disk.batches == [[1, 2]]


async def test_two_writers_write_two_batches_at_once_and_never_a_third() -> None:
    disk = Disk()
    together = GroupCommit(disk.write, most=2, writers=2)
    everybody = await crowd(together, *range(1, 7))
    await asyncio.sleep(0)
    assert disk.batches == [[1, 2], [3, 4]]
    disk.go(3)
    assert await asyncio.gather(*everybody) == [f"kept {each}" for each in range(1, 7)]
    disk.go()
    assert await together.add(Given(7, 7)) == "kept 7"
