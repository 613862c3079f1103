"""A small house of one build, and what an aim may do with it."""

import asyncio
import hashlib
import hmac
import json
import random
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from scripts.faultrun import keys
from scripts.faultrun.budgets import Budget
from scripts.faultrun.builds import Build
from scripts.faultrun.client import Client
from scripts.faultrun.design import Design
from scripts.faultrun.emulator import Sold
from scripts.faultrun.evidence import Row
from scripts.faultrun.fencing import Fencing
from scripts.faultrun.gather import ROWS
from scripts.faultrun.history import FINAL, Story
from scripts.faultrun.house import House, Unbuildable
from scripts.faultrun.observer import Life, Seen
from scripts.faultrun.pgwire import PostgresTap
from scripts.faultrun.plants import Plants

OWNER = "ann"
STEP = 0.05
SETTINGS = {"ADOPT_WITHIN_SECONDS": "8", "RECONCILE_MAX_SECONDS": "4", "ORPHAN_AGE_SECONDS": "3600"}
LAZY = {"wal_writer_delay": "10000ms", "wal_writer_flush_after": "1GB"}
"""What is not committed durably is then surely lost in a crash."""


class Shooting:
    def __init__(self, folder: Path, build: Build, *, workers: int = 1, lease: float = 1, shifted: str = "") -> None:
        self.fencing = Fencing()
        self.life = Life()
        self.workers = [f"worker-{at + 1}" for at in range(workers)]
        watches = {f"pg-{name}": self._tap(name) for name in self.workers}
        design = Design(
            webs=1,
            workers=workers,
            owners=(OWNER,),
            watches=watches,
            settings=SETTINGS,
            postgres=LAZY,
            emulated={"EMULATOR_DURATION": "0.3"},
            lease=lease,
            shifted=shifted,
        )
        self.house = House(folder, build, Plants.fresh(1), 1, design)
        self._numbers = 0
        self._http = httpx.AsyncClient(trust_env=False, timeout=8)

    async def stop(self) -> None:
        await self._http.aclose()
        await self.house.stop()

    def client(self, key: str = "") -> Client:
        """With the owner's first key unless another is given."""
        webs, key = tuple(self.house.webs.values()), key or self.house.keys[OWNER]
        return Client(webs, key, OWNER, self.house.plants, self._http, random.Random(self._numbers))

    async def new_key(self, budget: Budget) -> str:
        """Another one of the same owner, of which nothing is spent."""
        code, said = await self.house.command("keys", "create", "--owner", OWNER, *budget.words, "--json")
        if code != 0:
            raise Unbuildable(f"darkroom keys create ended with {code}:\n{said[-2000:]}")
        return keys.made(said)[0].text

    async def order(self, count: int = 1) -> list[Story]:
        """So many creates at once; those that were answered 201."""
        stories = [self.story() for _ in range(count)]
        await asyncio.gather(*(self.client().create(story, self.body(story)) for story in stories))
        return [story for story in stories if story.is_created]

    def story(self) -> Story:
        self._numbers += 1
        number = self._numbers
        return Story(number, OWNER, f"shot-{number}", self.house.plants.prompt(OWNER, number), 1)

    def body(self, story: Story) -> dict[str, Any]:
        return {"model": "truefusion-pro", "input": {"prompt": story.prompt, "width": 256, "height": 256}}

    async def rows(self) -> list[Row]:
        return [Row(**dict(row)) for row in await self.fetch(ROWS)]

    async def fetch(self, query: str) -> list[asyncpg.Record]:
        connection = await self.house.database.connect()
        try:
            return list(await connection.fetch(query))
        finally:
            await connection.close(timeout=2)

    async def until_final(self, stories: Sequence[Story], seconds: float) -> bool:
        return await self.until(stories, FINAL, seconds)

    async def until(self, stories: Sequence[Story], states: frozenset[str], seconds: float) -> bool:
        """Once each is in one of these states or stages; False when it took too long. Every look is remembered."""
        wanted, end = {story.ids[0] for story in stories if story.ids}, time.monotonic() + seconds
        while time.monotonic() < end:
            rows = await self.look()
            if wanted <= {row.id for row in rows if row.status in states or row.stage in states}:
                return True
            await asyncio.sleep(STEP)
        return False

    async def look(self) -> list[Row]:
        rows = await self.rows()
        self.life.see((Seen(row.id, row.status, 0, row.provider_id) for row in rows), time.time())
        return rows

    async def sold(self, stories: Sequence[Story]) -> list[Sold]:
        prompts = {story.prompt for story in stories}
        return [each for each in await self.house.emulator.sold() if each.prompt in prompts]

    async def deliver(self) -> tuple[int, str]:
        """A delivery about nobody we know: how it was answered, and what the inbox must have then."""
        body = self.delivery()
        return await self.post(body), hashlib.sha256(body).hexdigest()

    def delivery(self) -> bytes:
        return json.dumps({"id": f"pred-{uuid4()}", "status": "starting"}).encode()

    async def post(self, body: bytes) -> int:
        """Its answer's status when it is signed as the provider would; 0 where none came."""
        signature = hmac.new(self.house.plants.webhook_secret.encode(), body, "sha256").hexdigest()
        headers = {"content-type": "application/json", "x-skytells-signature": signature}
        web = next(iter(self.house.webs.values()))
        try:
            return (await self._http.post(f"{web}/api/webhooks", content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return 0

    async def kept(self) -> set[str]:
        return {row[0] for row in await self.fetch("SELECT encode(sha256(body), 'hex') FROM deliveries")}

    async def restart(self, name: str) -> None:
        await self.house.processes[name].kill()
        await self.house.processes[name].start()
        await self.house.until_ready(name)

    async def crash_database(self) -> None:
        await self.house.database.crash(signal.SIGQUIT)

    def freeze(self, name: str) -> None:
        self.house.processes[name].send(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self.house.processes[name].send(signal.SIGCONT)

    def _tap(self, name: str) -> Any:
        return lambda: PostgresTap(self.fencing.session(name))
