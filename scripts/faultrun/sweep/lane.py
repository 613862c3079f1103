"""A house of its own, in which one life follows the other."""

import asyncio
import random
import signal
import time
from pathlib import Path
from typing import Any

import httpx

from scripts.faultrun.builds import Build
from scripts.faultrun.client import Client
from scripts.faultrun.design import Design
from scripts.faultrun.evidence import Row
from scripts.faultrun.gather import ROWS
from scripts.faultrun.history import FINAL, Story
from scripts.faultrun.house import House
from scripts.faultrun.plants import Plants
from scripts.faultrun.sweep.boundaries import Boundary, Cut, is_repeated_look
from scripts.faultrun.sweep.lives import Life, wrongs_of
from scripts.faultrun.sweep.trap import Trap

CHANNELS = ("pg-web-1", "pg-worker-1", "api", "cdn", "hook")
OWNER = "ann"
LIFE_SECONDS = 30.0
MOST_TRIES = 5
IDLE_SECONDS = 4.0
ORPHAN_AGE = 10
SETTLE = 0.6
NAMED = "SELECT key FROM files WHERE key IS NOT NULL UNION SELECT key FROM uploads"
"""Seconds after the end in which what is still on its way arrives: the last delivery, the job's closing."""
SETTINGS = {"ADOPT_WITHIN_SECONDS": "6", "RECONCILE_MAX_SECONDS": "2", "ORPHAN_AGE_SECONDS": str(ORPHAN_AGE)}


class Lane:
    def __init__(self, number: int, folder: Path, build: Build, seed: int) -> None:
        self.trap = Trap(self._kill)
        watches = {channel: self.trap.watch(channel) for channel in CHANNELS}
        emulated = {"EMULATOR_DURATION": "0.2", "EMULATOR_SEED": str(seed)}
        design = Design(
            webs=1, workers=1, owners=(OWNER,), watches=watches, settings=SETTINGS, emulated=emulated, lease=1
        )
        self.house = House(folder, build, Plants.fresh(seed), seed, design)
        self.last_passed: list[Boundary] = []
        """By the last life, in order."""
        self._number = number
        self._lives = 0
        self._dice = random.Random(f"{seed}:lane:{number}")
        self._http = httpx.AsyncClient(trust_env=False)
        self._reviving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self.house.start()
        await self._learn_idling()

    async def stop(self) -> None:
        for task in self._reviving:
            task.cancel()
        await self._http.aclose()
        await self.house.stop()

    async def rehearse(self) -> list[Boundary]:
        """What a life crosses when nothing goes wrong; in two lives, so that chance is left out."""
        first, second = [await self._rehearsed() for _ in range(2)]
        return [boundary for boundary in first if boundary in set(second) and not is_repeated_look(boundary)]

    async def live(self, cut: Cut | None) -> Life:
        await self._until_whole()
        self.trap.arm(cut)
        self._lives += 1
        began = time.monotonic()
        story, over = self._story(), asyncio.Event()
        asyncio.get_running_loop().call_later(LIFE_SECONDS, over.set)
        client = Client(
            tuple(self.house.webs.values()),
            self.house.keys[OWNER],
            OWNER,
            self.house.plants,
            self._http,
            random.Random(story.key),
        )
        await self._create(client, story, over)
        if story.is_created:
            await client.follow(story, over)
        await asyncio.sleep(SETTLE)
        life = Life(cut, story, self.trap.has_struck, time.monotonic() - began, story.final or "not final")
        self.last_passed = list(self.trap.passed)
        self.trap.arm(None)
        await self._judge(life)
        return life

    async def orphans(self) -> list[str]:
        """What lies on the disk and in no row, once the sweep has had its time."""
        for _ in range(3 * ORPHAN_AGE):
            found = await self._orphans()
            if not found:
                return []
            await asyncio.sleep(1)
        return found

    async def _orphans(self) -> list[str]:
        connection = await self.house.database.connect()
        try:
            named = {row[0] for row in await connection.fetch(NAMED)}
        finally:
            await connection.close(timeout=2)
        return sorted(file.name for file in self.house.blobs.glob("??/*") if file.name not in named)

    async def _create(self, client: Client, story: Story, over: asyncio.Event) -> None:
        """As careful as a client with time can be: the same key until there is an answer."""
        for _ in range(MOST_TRIES):
            if over.is_set() or await client.create(story, self._body(story)):
                return
            await asyncio.sleep(0.2)

    async def _judge(self, life: Life) -> None:
        await self._until_whole()
        connection = await self.house.database.connect()
        try:
            rows = [Row(**dict(row)) for row in await connection.fetch(ROWS)]
        finally:
            await connection.close(timeout=2)
        mine = [row for row in rows if row.prompt == life.story.prompt]
        sold = [each for each in await self.house.emulator.sold() if each.prompt == life.story.prompt]
        if mine:
            life.ended = f"{mine[0].status} {mine[0].failure or ''}".strip()
        life.wrongs = wrongs_of(life.story, mine, sold)

    async def _rehearsed(self) -> list[Boundary]:
        life = await self.live(None)
        if life.wrongs or life.story.final not in FINAL:
            raise RuntimeError(f"a life without any cut went wrong: {life.wrongs or life.ended}")
        return self.last_passed

    async def _learn_idling(self) -> None:
        """Twice as long as the longest pause between two of its own looks."""
        await asyncio.sleep(1.5)
        self.trap.arm(None)
        await asyncio.sleep(IDLE_SECONDS)
        self.trap.ignored |= {(boundary.channel, boundary.name) for boundary in self.trap.passed}

    def _kill(self, name: str) -> None:
        self.house.processes[name].send(signal.SIGKILL)
        task = asyncio.get_running_loop().create_task(self._revive(name))
        self._reviving.add(task)
        task.add_done_callback(self._reviving.discard)

    async def _revive(self, name: str) -> None:
        await self.house.processes[name].wait()
        await self.house.processes[name].start()

    async def _until_whole(self) -> None:
        await asyncio.gather(*self._reviving)
        for name in (*self.house.webs, *self.house.workers):
            await self.house.until_ready(name)

    def _story(self) -> Story:
        number = self._number * 100_000 + self._lives
        return Story(number, OWNER, f"life-{number}", self.house.plants.prompt(OWNER, number), 1)

    def _body(self, story: Story) -> dict[str, Any]:
        return {"model": "truefusion-pro", "input": {"prompt": story.prompt, "width": 256, "height": 256}}
