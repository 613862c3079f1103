"""Notices processes that ended although nobody struck them, and starts them again."""

import asyncio
import time
from dataclasses import dataclass

from scripts.faultrun.house import House
from scripts.faultrun.nemesis import Nemesis

LOOK_EVERY = 0.25
PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Surprise:
    """A death nobody dealt."""

    name: str
    at: float
    exit_code: int
    last_words: str


class Keeper:
    def __init__(self, house: House, nemesis: Nemesis) -> None:
        self.surprises: list[Surprise] = []
        self._house = house
        self._nemesis = nemesis

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for name, process in self._house.processes.items():
                if not process.is_running and name not in self._nemesis.busy:
                    self.surprises.append(
                        Surprise(name, time.time(), process.exit_code or 0, self._house.tail(name, 1_000))
                    )
                    await asyncio.sleep(PAUSE)
                    await process.start()
