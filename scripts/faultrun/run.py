"""One run of one seed: quiet, faults, drain, then everything is counted."""

import asyncio
import random
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from scripts.faultrun import misbehaviour, nemesis, report
from scripts.faultrun.budgets import SERVICE_DAILY, dry_budgets
from scripts.faultrun.builds import make_build
from scripts.faultrun.checks import Verdict, judge
from scripts.faultrun.design import ORPHAN_AGE_SECONDS, OWNERS, POOL_SIZE, Design, Watch
from scripts.faultrun.driver import Driver
from scripts.faultrun.evidence import Evidence
from scripts.faultrun.fencing import Fencing
from scripts.faultrun.folders import temporary_folder
from scripts.faultrun.forger import Forger
from scripts.faultrun.gather import gather
from scripts.faultrun.gauges import EVERY, Crowding, Gauges, Lag
from scripts.faultrun.house import House, Unbuildable
from scripts.faultrun.journals import gather_journals, named
from scripts.faultrun.keeper import Keeper
from scripts.faultrun.nemesis import Nemesis
from scripts.faultrun.observer import Observer
from scripts.faultrun.order import RATE, Order, Phases
from scripts.faultrun.pgwire import PostgresTap
from scripts.faultrun.plants import Plants
from scripts.faultrun.progress import Progress
from scripts.faultrun.rest import has_orphans, is_final
from scripts.faultrun.taps import Exchange, Hijack, HttpTap

FORGED_A_SECOND = 0.6
CALM = 3.0
"""Seconds without a delivery after which the provider has told everything."""
CONNECTIONS_BESIDE_POOL = 8
"""Of each process: for listening, for the queue, one that is being replaced, and five for the webhook door."""
SWEPT_AFTER = 1.5 * ORPHAN_AGE_SECONDS + 8
"""Seconds after the faults by which an orphan of their last moment has been found."""
MOST_LOOKS = 100


class FaultRun:
    def __init__(self, order: Order, seed: int, folder: Path, progress: Progress) -> None:
        self.seed = seed
        self.phases = Phases.of(order.minutes)
        self.evidence = Evidence(seed=seed, minutes=order.minutes)
        self.plants = Plants.fresh(seed)
        self.progress = progress
        self.deliveries: list[Exchange] = []
        self.fencing = Fencing()
        self.build = make_build(order.tree, folder / "build", ref=order.ref)
        design = Design(
            watches=self._watches(),
            emulated={"EMULATOR_SEED": str(seed)},
            budgets=dry_budgets(OWNERS, self.phases),
            service=SERVICE_DAILY,
        )
        self.house = House(folder, self.build, self.plants, seed, design)
        self.driver = Driver(self.house, seed)
        self.forger = Forger(self.house, seed)
        self.observer = Observer(self.house.database, lambda: self.house.budgets)
        self.gauges = Gauges(self.house)
        self.lag, self.crowding = Lag(), Crowding()
        self.nemesis = Nemesis(self.house, nemesis.plan(seed, self.phases.faults))
        self.keeper = Keeper(self.house, self.nemesis)
        self.broken: list[str] = []
        self._beside: list[asyncio.Task[None]] = []

    async def run(self) -> list[Verdict]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._stop)
            await self.house.start()
            self.progress.phase(f"seed {self.seed}: the house is up ({self.build.commit})")
            await self._shake()
            await self._drain()
            await self.driver.look_once_more()
            verdicts = await self._judge()
        if self.broken:
            raise Unbuildable(f"the run itself broke: {self.broken}")
        return verdicts

    async def _judge(self) -> list[Verdict]:
        """While the house stands: those whom a failed check names are asked for their journals."""
        await gather(self.house, self.evidence, self.deliveries)
        self._note()
        verdicts = judge(self.evidence)
        rows = named(verdicts, self.evidence)
        self.evidence.journals = await gather_journals(self.house, rows, self.deliveries)
        return verdicts

    async def _shake(self) -> None:
        over = asyncio.Event()
        for work in (self.observer.run(), self.keeper.run(), self.lag.run(), self._tell()):
            self._start(work)
        self._gauging = self._start(self.gauges.run())
        driving = asyncio.create_task(self.driver.run(RATE, over))
        self._beside.append(driving)
        await asyncio.sleep(self.phases.quiet)
        self.progress.phase(
            f"faults for {self.phases.faults:.0f} s, {len(nemesis.plan(self.seed, self.phases.faults))} strikes"
        )
        self.evidence.faults_began = time.time()
        await self.house.emulator.misbehave(misbehaviour.SHARES)
        forging = self._start(self.forger.run(FORGED_A_SECOND))
        await asyncio.gather(self.nemesis.run(), self._black_out(), asyncio.sleep(self.phases.faults))
        over.set()
        forging.cancel()
        self.evidence.faults_ended = time.time()

    async def _black_out(self) -> None:
        """No deliveries at all, to anybody, for a while."""
        latest = max(0.0, self.phases.faults - self.phases.blackout - 5)
        await asyncio.sleep(random.Random(f"{self.seed}:blackout").uniform(0.2, 0.8) * latest)
        began = time.time()
        await self.house.emulator.misbehave({**misbehaviour.SHARES, "drop": 1.0})
        await asyncio.sleep(self.phases.blackout)
        await self.house.emulator.misbehave(misbehaviour.SHARES)
        self.evidence.blackout = (began, time.time())

    async def _drain(self) -> None:
        self.progress.phase(f"drain: faults off, at most {self.phases.drain:.0f} s until everything is final")
        await self.house.emulator.misbehave({})
        for name in (*self.house.webs, *self.house.workers, "emulator"):
            with suppress(TimeoutError):
                await self.house.until_ready(name, 20)
        finishing = asyncio.create_task(self.driver.finish(self.phases.drain))
        while time.time() - self.evidence.faults_ended < self.phases.drain:
            if await is_final(self.house):
                self.evidence.drained_after = time.time() - self.evidence.faults_ended
                break
            await asyncio.sleep(0.5)
        if self.evidence.drained_after is None:
            self.driver.over.set()
        await finishing
        await self._calm()
        await self._until_swept()
        await self._rest()

    async def _rest(self) -> None:
        """Clients and provider hang up, and that is what the last reading shows: what comes later has its own."""
        await self.driver.reconnect()
        self.house.proxies["hook"].cut()
        await asyncio.sleep(2 * EVERY)
        self._gauging.cancel()

    async def _calm(self) -> None:
        """Late deliveries come up to 20 s after their event; those in flight at least are waited for."""
        end = self.evidence.faults_ended + self.phases.drain
        while time.time() < end:
            last = max((each.asked_at for each in self.deliveries), default=0.0)
            if time.time() - last > CALM:
                return
            await asyncio.sleep(0.2)

    async def _until_swept(self) -> None:
        """Orphaned files go when they are old enough; those that are still there then are counted."""
        for _ in range(MOST_LOOKS):
            if time.time() - self.evidence.faults_ended > SWEPT_AFTER or not await has_orphans(self.house):
                return
            await asyncio.sleep(1)

    def _note(self) -> None:
        """What was gathered along the way."""
        evidence, fencing = self.evidence, self.fencing
        evidence.stories, evidence.hostile = self.driver.stories, self.driver.hostile
        evidence.skipped, evidence.forged = self.driver.skipped, self.forger.forged
        evidence.calls_of_canary = [call.decode(errors="replace")[:200] for call in self.house.canary.calls]
        evidence.wrongs_seen, evidence.samples = self.observer.life.wrongs, self.observer.samples
        evidence.most_connections, evidence.purses = self.observer.most_connections, self.observer.purses
        evidence.budgets, evidence.accounts = self.house.budgets, self.house.accounts
        processes = len(self.house.webs) + len(self.house.workers)
        evidence.allowed_connections = processes * (POOL_SIZE + CONNECTIONS_BESIDE_POOL)
        evidence.claims, evidence.takeovers = fencing.claims, fencing.takeovers
        evidence.late_writes, evidence.wrong_writes = fencing.late, fencing.wrongs
        evidence.dealt, evidence.surprises = self.nemesis.dealt, self.keeper.surprises
        evidence.gauges, evidence.lag_p95 = self.gauges.read, self.lag.p95
        evidence.crowding = self.crowding.ratio

    def _watches(self) -> dict[str, Watch]:
        def worker(name: str) -> Watch:
            return lambda: PostgresTap(self.fencing.session(name))

        return {
            "hook": lambda: HttpTap(self._overhear),
            "cdn": lambda: Hijack(self._lure, self._search_key),
            "pg-worker-1": worker("worker-1"),
            "pg-worker-2": worker("worker-2"),
        }

    def _overhear(self, exchange: Exchange) -> None:
        if exchange.method == "POST" and exchange.target.startswith("/api/webhooks"):
            self.deliveries.append(exchange)

    def _lure(self, path: str) -> bytes | None:
        """Some predictions' downloads lead to the canary, always the same ones."""
        parts = path.split("/")
        if len(parts) < 4 or not self.evidence.faults_began or not misbehaviour.is_lured(self.seed, parts[2]):
            return None
        self.evidence.lured.add(parts[2])
        return misbehaviour.redirect_to(f"{self.house.canary.url}/{parts[2]}")

    def _search_key(self, data: bytes) -> None:
        self.evidence.key_seen_at_cdn += self.plants.api_key.encode() in data

    async def _tell(self) -> None:
        while True:
            life, stories = self.observer.life, self.driver.stories
            self.progress.line(
                f"{len(stories)} orders, {sum(story.final == 'succeeded' for story in stories)} stored, "
                f"{life.unfinished} of {life.count} unfinished, {self.nemesis.kills} kills, "
                f"{len(self.deliveries)} deliveries, {self.driver.under_way} clients, {len(life.wrongs)} wrong"
            )
            await asyncio.sleep(1)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._beside.append(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """What ends early has measured nothing since: the run itself is broken then, and says so."""
        if not task.cancelled() and (trouble := task.exception()) is not None:
            self.broken.append(f"{task.get_coro()}: {trouble!r}")

    async def _stop(self) -> None:
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self.driver.close()
        await self.house.stop()


async def run_seed(order: Order, seed: int, progress: Progress) -> bool:
    """True if nothing failed. The report is written whatever the verdicts are."""
    began = time.monotonic()
    with temporary_folder(kept=order.keeps_folder) as folder:
        run = FaultRun(order, seed, folder, progress)
        verdicts = await run.run()
        entry = report.entry(run.evidence, verdicts, run.build, time.monotonic() - began)
    report.append(order.report, entry, keep=order.is_resumed or seed != order.seeds[0])
    progress.close()
    report.show(f"seed {seed}, {order.minutes:g} min, {run.build.commit}", verdicts)
    return report.is_clean(verdicts)
