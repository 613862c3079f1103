"""Strikes: planned from a seed alone, then dealt. Two never hit the same target at the same time."""

import asyncio
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.faultrun.house import House
from scripts.faultrun.order import FAULT_SECONDS_OF_TEN_MINUTES, LEASE_SECONDS

KINDS = {"worker": 70, "web": 60, "emulator": 20, "database": 25, "backends": 15, "proxy": 10, "freeze": 45}
"""How often each in the seven minutes of faults of a ten-minute run."""
KILLS = ("worker", "web", "emulator", "database", "backends", "proxy")
LONGEST_DOWN = 1.5
TERM_SHARE = 0.15
TERM_PATIENCE = 20.0
PROXIES = ("api", "cdn", "hook", "pg-web-1", "pg-web-2", "pg-worker-1", "pg-worker-2")

DOORS = {"emulator": ("api", "cdn")}
"""Proxies that refuse like a dead process while their only target is dead."""


@dataclass(frozen=True, slots=True)
class Strike:
    """`at` counts from the first fault; `seconds` is how long the target stays down, held or frozen."""

    at: float
    kind: str
    target: str
    how: str
    seconds: float


@dataclass(slots=True)
class Dealt:
    """What came of a strike. `ended` is when the target served again; epoch seconds."""

    strike: Strike
    began: float
    ended: float
    note: str = ""


def plan(seed: int, seconds: float, webs: int = 2, workers: int = 2) -> list[Strike]:
    """The same strikes for the same arguments, in order of time."""
    dice = random.Random(f"{seed}:nemesis")
    share = seconds / FAULT_SECONDS_OF_TEN_MINUTES
    strikes = [
        _strike(kind, at, dice, webs, workers)
        for kind, most in KINDS.items()
        for at in _times(dice, max(1, round(most * share)), seconds)
    ]
    return sorted(strikes, key=lambda strike: strike.at)


def _times(dice: random.Random, count: int, seconds: float) -> list[float]:
    """One in each of as many equal stretches: whoever was hit has come up before it is hit again, as a rule."""
    stretch = max(0.1, seconds - 3) / count
    return [round((at + dice.uniform(0.05, 0.95)) * stretch, 3) for at in range(count)]


def _strike(kind: str, at: float, dice: random.Random, webs: int, workers: int) -> Strike:
    down = round(dice.uniform(0, LONGEST_DOWN), 3)
    match kind:
        case "worker" | "web":
            target = f"{kind}-{dice.randrange(workers if kind == 'worker' else webs) + 1}"
            return Strike(at, kind, target, "TERM" if dice.random() < TERM_SHARE else "KILL", down)
        case "emulator":
            return Strike(at, kind, "emulator", "KILL", down)
        case "database":
            return Strike(at, kind, "database", dice.choice(("KILL", "QUIT")), 0.0)
        case "backends":
            return Strike(at, kind, "database", "terminate", round(dice.choice((0.2, 0.5, 1.0)), 1))
        case "proxy":
            return Strike(at, kind, dice.choice(PROXIES), "cut", down)
        case _:
            return _freeze(at, dice, webs, workers)


def _freeze(at: float, dice: random.Random, webs: int, workers: int) -> Strike:
    """A worker for less or for more than its lease, a web, the emulator, or the database behind its proxies."""
    what = dice.choices(("worker", "web", "emulator", "database"), (50, 20, 15, 15))[0]
    match what:
        case "worker":
            seconds = dice.choice((1.0, 0.6 * LEASE_SECONDS, 2.0 * LEASE_SECONDS))
            return Strike(at, "freeze", f"worker-{dice.randrange(workers) + 1}", "STOP", seconds)
        case "web":
            return Strike(at, "freeze", f"web-{dice.randrange(webs) + 1}", "STOP", round(dice.uniform(0.5, 4), 3))
        case "emulator":
            return Strike(at, "freeze", "emulator", "STOP", 3.0)
        case _:
            return Strike(at, "freeze", "database", "hold", round(dice.uniform(0.5, 4), 3))


class Nemesis:
    def __init__(self, house: House, strikes: Sequence[Strike]) -> None:
        self.dealt: list[Dealt] = []
        self.busy: set[str] = set()
        """Targets that are down on purpose."""
        self._house = house
        self._strikes = strikes
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def kills(self) -> int:
        return sum(each.strike.kind in KILLS for each in self.dealt)

    async def run(self) -> None:
        """Returns when the last strike was dealt and what it hit is up again."""
        began = time.monotonic()
        try:
            for strike in self._strikes:
                await asyncio.sleep(max(0.0, began + strike.at - time.monotonic()))
                self._tasks.append(asyncio.create_task(self.deal(strike)))
            await asyncio.gather(*self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def deal(self, strike: Strike) -> None:
        async with self._locks.setdefault(strike.target, asyncio.Lock()):
            self.busy.add(strike.target)
            dealt = Dealt(strike, time.time(), 0.0)
            self.dealt.append(dealt)
            try:
                dealt.note = await self._hit(strike) or ""
            except TimeoutError:
                dealt.note = "did not come back in time"
            finally:
                dealt.ended = time.time()
                self.busy.discard(strike.target)

    async def _hit(self, strike: Strike) -> str | None:
        house = self._house
        match strike.kind, strike.how:
            case _, "STOP":
                return await self._freeze(strike)
            case _, "hold":
                return await self._hold(strike)
            case _, "cut":
                return await self._cut(strike)
            case "backends", _:
                return f"{await house.database.terminate_backends(strike.seconds)} ended"
            case "database", _:
                await house.database.crash(signal.Signals[f"SIG{strike.how}"])
                return None
            case _:
                return await self._kill(strike)

    async def _kill(self, strike: Strike) -> str | None:
        process, note = self._house.processes[strike.target], None
        doors = [self._house.proxies[name] for name in DOORS.get(strike.target, ())]
        if strike.how == "TERM":
            began = time.monotonic()
            is_clean = await process.end(TERM_PATIENCE)
            note = f"{'ended' if is_clean else 'had to be killed'} after {time.monotonic() - began:.1f} s"
        else:
            await process.kill()
        for door in doors:
            door.shut()
        await asyncio.sleep(strike.seconds)
        await process.start()
        for door in doors:
            await door.start()
        await self._house.until_ready(strike.target)
        return note

    async def _freeze(self, strike: Strike) -> str | None:
        process = self._house.processes[strike.target]
        process.send(signal.SIGSTOP)
        try:
            await asyncio.sleep(strike.seconds)
        finally:
            process.send(signal.SIGCONT)
        return None

    async def _hold(self, strike: Strike) -> str | None:
        """Not by SIGSTOP: were we killed meanwhile, a stopped Postgres would stay."""
        proxies = [proxy for name, proxy in self._house.proxies.items() if name.startswith("pg-")]
        for proxy in proxies:
            proxy.hold()
        await asyncio.sleep(strike.seconds)
        for proxy in proxies:
            proxy.release()
        return None

    async def _cut(self, strike: Strike) -> str | None:
        proxy = self._house.proxies[strike.target]
        proxy.is_refusing = True
        count = proxy.cut()
        await asyncio.sleep(strike.seconds)
        proxy.is_refusing = False
        return f"{count} connections"
