"""Orders at a steady rate, whatever becomes of them: arrivals do not wait for a system in trouble."""

import asyncio
import random
import time
from collections.abc import Coroutine
from typing import Any

import httpx

from scripts.faultrun.client import Client
from scripts.faultrun.history import Answer, Story
from scripts.faultrun.house import House
from scripts.faultrun.order import MODEL, OUTPUTS

CLIENTS = 20
MOST_AT_ONCE = 400
LAST_LOOK_SECONDS = 60.0
"""For bytes that could not be had before; those that cannot be had at all must not keep the run."""
SIDES = (256, 320, 384, 512)
TWINS, HANG_UPS, HOSTILE = 0.10, 0.05, 0.03
"""Shares of orders that come several times at once, whose client leaves first, that name a forbidden webhook."""


class Driver:
    def __init__(self, house: House, seed: int) -> None:
        self.stories: list[Story] = []
        self.hostile: list[Answer] = []
        self.skipped = 0
        """Orders that were due and not placed, because too many were under way; the run says so."""
        self.over = asyncio.Event()
        """Nobody polls or fetches any more."""
        self._house = house
        self._dice = random.Random(f"{seed}:driver")
        self._tasks: set[asyncio.Task[None]] = set()
        self._http = _connections()

    async def run(self, rate: float, until: asyncio.Event) -> None:
        """`rate` orders a second, until told."""
        due = time.monotonic()
        while not until.is_set():
            due += self._dice.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if len(self._tasks) < MOST_AT_ONCE:
                self._spawn(self._place())
            else:
                self.skipped += 1

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    async def finish(self, patience: float) -> None:
        """Let everyone come to an end; those who have not by then are told to stop."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        self.over.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=20)
        for task in self._tasks:
            task.cancel()

    async def reconnect(self) -> None:
        """Let go of all connections, so that those still open on the other side are its own."""
        old, self._http = self._http, _connections()
        for http in old:
            await http.aclose()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for http in self._http:
            await http.aclose()

    async def look_once_more(self) -> None:
        """Everybody reads their predictions again: what was final has stayed so."""
        gate, over = asyncio.Semaphore(10), asyncio.Event()
        asyncio.get_running_loop().call_later(LAST_LOOK_SECONDS, over.set)

        async def again(story: Story) -> None:
            async with gate:
                client = self._client(story.owner, random.Random(f"again:{story.number}"))
                for prediction_id in story.ids:
                    await client.read(story, prediction_id)
                if story.ids and not story.fetched and story.final == "succeeded":
                    await client.follow(story, over)

        await asyncio.gather(*(again(story) for story in self.stories))

    def _client(self, owner: str, dice: random.Random) -> Client:
        http = self._http[dice.randrange(CLIENTS)]
        return Client(tuple(self._house.webs.values()), self._house.keys[owner], owner, self._house.plants, http, dice)

    async def _place(self) -> None:
        story, body = self._order()
        client = self._client(story.owner, random.Random(f"client:{story.key}"))
        kind = self._dice.random()
        if kind < HOSTILE:
            await self._place_hostile(client, body)
            return
        self.stories.append(story)
        if kind < HOSTILE + TWINS:
            await asyncio.gather(*(client.create(story, body) for _ in range(self._dice.randrange(2, 5))))
        elif kind < HOSTILE + TWINS + HANG_UPS:
            await client.hang_up(story, body)
            await client.create(story, body)
        else:
            await client.create(story, body)
        if story.is_created:
            await client.follow(story, self.over)

    def _order(self) -> tuple[Story, dict[str, Any]]:
        number = len(self.stories) + len(self.hostile)
        owner = self._dice.choice(self._house.design.owners)
        prompt = self._house.plants.prompt(owner, number)
        outputs = self._dice.choices(tuple(OUTPUTS), tuple(OUTPUTS.values()))[0]
        given: dict[str, Any] = {
            "prompt": prompt,
            "width": self._dice.choice(SIDES),
            "height": self._dice.choice(SIDES),
        }
        if outputs > 1:
            given["num_outputs"] = outputs
        key = f"order-{number}-{self._dice.randrange(10**9)}"
        return Story(number, owner, key, prompt, outputs), {"model": MODEL, "input": given}

    async def _place_hostile(self, client: Client, body: dict[str, Any]) -> None:
        """A webhook into a forbidden place, in one of its spellings. It must be refused."""
        canary, port = self._house.canary.url, self._house.canary.port
        spelling = self._dice.choice(
            (canary, f"http://2130706441:{port}/x", f"http://0x7f000009:{port}/", f"http://[::ffff:127.0.0.9]:{port}/")
        )
        story = Story(-1, client.owner, f"hostile-{self._dice.randrange(10**9)}", "", 0)
        await client.create(story, body | {"webhook": spelling})
        self.hostile.extend(story.answers)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (trouble := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler({"message": "a client broke", "exception": trouble})


def _connections() -> list[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=40)
    return [httpx.AsyncClient(trust_env=False, limits=limits) for _ in range(CLIENTS)]
