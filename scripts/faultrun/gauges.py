"""Memory and descriptors of every process, once a second, by /proc."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

from scripts.faultrun.house import House

EVERY = 1.0
WARM_AFTER = 12.0
"""Seconds of a process's life after which pools and caches are filled; growth counts from there."""
LONG_ENOUGH = 25.0
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Gauge:
    """One process from start to end. Bytes and descriptors, when warm and at their last reading."""

    name: str
    pid: int
    since: float
    warm_rss: int = 0
    warm_descriptors: int = 0
    rss: int = 0
    descriptors: int = 0
    until: float = 0.0

    @property
    def is_telling(self) -> bool:
        return self.warm_rss > 0 and self.until - self.since >= LONG_ENOUGH


class Gauges:
    def __init__(self, house: House) -> None:
        self.read: list[Gauge] = []
        self._house = house
        self._now: dict[str, Gauge] = {}

    async def run(self) -> None:
        while True:
            for name, process in self._house.processes.items():
                if process.pid is not None and name != "emulator":
                    self._read(name, process.pid)
            await asyncio.sleep(EVERY)

    def _read(self, name: str, pid: int) -> None:
        gauge = self._now.get(name)
        if gauge is None or gauge.pid != pid:
            gauge = self._now[name] = Gauge(name, pid, time.time())
            self.read.append(gauge)
        try:
            rss, descriptors = _rss(pid), len(list((Path("/proc") / str(pid) / "fd").iterdir()))
        except OSError:
            return
        gauge.rss, gauge.descriptors, gauge.until = rss, descriptors, time.time()
        if gauge.until - gauge.since < WARM_AFTER:
            gauge.warm_rss, gauge.warm_descriptors = max(gauge.warm_rss, rss), max(gauge.warm_descriptors, descriptors)


class Lag:
    """How late our own loop wakes up. On a machine that has better things to do, no time of a run means much."""

    STEP = 0.1

    def __init__(self) -> None:
        self._late: list[float] = []

    @property
    def p95(self) -> float:
        return sorted(self._late)[int(0.95 * len(self._late))] if self._late else 0.0

    async def run(self) -> None:
        while True:
            due = time.monotonic() + self.STEP
            await asyncio.sleep(self.STEP)
            self._late.append(time.monotonic() - due)


class Crowding:
    """How crowded the machine was: seconds that this process waited for a core, for each second that it had one.

    From `/proc/self/schedstat` (Documentation/scheduler/sched-stats.rst in Linux); 0 where there is none.
    """

    def __init__(self) -> None:
        self._began = _on_and_off()

    @property
    def ratio(self) -> float:
        (on, off), (on_then, off_then) = _on_and_off(), self._began
        return (off - off_then) / (on - on_then) if on > on_then else 0.0


def _on_and_off() -> tuple[int, int]:
    """Nanoseconds on a core and waiting for one."""
    try:
        on, off, _ = Path("/proc/self/schedstat").read_text().split()
    except (OSError, ValueError):
        return 0, 0
    return int(on), int(off)


def _rss(pid: int) -> int:
    return int((Path("/proc") / str(pid) / "statm").read_text().split()[1]) * PAGE
