"""`python -m scripts.benchmarks.load.open_loop PORT FILE RATE COUNT MOST`: an open loop, in a process of its own.

Every request has its time, whether or not those before it were answered; how long one took counts from that time, so
that a stalled server cannot hide by not being asked (coordinated omission). Prints one JSON object.
"""

import asyncio
import gc
import json
import math
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

import httptools
import uvloop

from scripts.benchmarks.load import requests
from scripts.benchmarks.load.wrk import LoadFailed
from scripts.benchmarks.samples import percentile

ROOT = Path(__file__).resolve().parents[3]
FIRST, MOST = 16, 256
PATIENCE = 30.0
LEAD = 0.2


@dataclass(frozen=True, slots=True)
class Latency:
    """In ms, from the time at which a request was due."""

    median: float
    p99: float
    worst: float
    answered: int


def latency(port: int, file: Path, rate: float, seconds: float) -> Latency:
    """Of the file's first requests. Raises LoadFailed if any answer is missing or an error."""
    return _run(port, file, rate, int(rate * seconds), MOST)


def burst(port: int, file: Path, count: int) -> Latency:
    """All at once, over sixteen connections: as fast as they are taken. Raises LoadFailed as above."""
    return _run(port, file, math.inf, count, FIRST)


def _run(port: int, file: Path, rate: float, count: int, most: int) -> Latency:
    command = [sys.executable, "-m", __spec__.name, *map(str, (port, file, rate, count, most))]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise LoadFailed(f"the open loop ended with {ran.returncode}: {ran.stderr[-500:]}")
    seen = json.loads(ran.stdout)
    bad = {status: count for status, count in seen.pop("statuses").items() if not 200 <= int(status) < 400}
    missing = seen.pop("missing")
    if bad or missing:
        raise LoadFailed(f"at {rate:.0f}/s {missing} answers are missing, and errors were {bad}")
    return Latency(**seen)


class Connection(asyncio.Protocol):
    """Asks one thing at a time."""

    def __init__(self, loop: "OpenLoop") -> None:
        self._loop = loop
        self._due = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None

    def ask(self, request: bytes, due: float) -> None:
        self._due = due
        if self._transport:
            self._transport.write(request)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The server's right with one that nobody used for a while."""
        self._loop.lost(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._parser = httptools.HttpResponseParser(self)
        self._loop.answered(self, status, self._due)


class OpenLoop:
    def __init__(self, port: int, sent: Sequence[bytes], rate: float, most: int) -> None:
        self._port, self._sent, self._rate, self._most = port, sent, rate, most
        self._clock = asyncio.get_running_loop().time
        self._free: deque[Connection] = deque()
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._opened = 0
        self._opening: set[asyncio.Task[None]] = set()
        self._taken: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._all_answered = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        for _ in range(FIRST):
            await self._open()
        began = self._clock() + LEAD
        for number, request in enumerate(self._sent):
            due = began + number / self._rate
            await asyncio.sleep(max(due - self._clock(), 0))
            self._send(request, due)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_answered.wait(), PATIENCE)
        taken = [1000 * each for each in self._taken] or [0.0]
        return {
            "median": percentile(taken, 50),
            "p99": percentile(taken, 99),
            "worst": max(taken),
            "answered": len(self._taken),
            "missing": len(self._sent) - len(self._taken),
            "statuses": self._statuses,
        }

    def answered(self, connection: Connection, status: int, due: float) -> None:
        self._taken.append(self._clock() - due)
        self._statuses[status] += 1
        self._free.append(connection)
        self._serve()
        if len(self._taken) == len(self._sent):
            self._all_answered.set()

    def lost(self, connection: Connection) -> None:
        """One that is lost with a question on it leaves an answer missing."""
        self._opened -= 1
        with suppress(ValueError):
            self._free.remove(connection)

    def _send(self, request: bytes, due: float) -> None:
        self._waiting.append((request, due))
        if not self._free and self._opened + len(self._opening) < self._most:
            task = asyncio.create_task(self._open())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        self._serve()

    def _serve(self) -> None:
        while self._free and self._waiting:
            self._free.pop().ask(*self._waiting.popleft())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self._port)
        self._opened += 1
        self._free.append(connection)
        self._serve()


async def main(port: str, file: str, rate: str, count: str, most: str) -> None:
    sent = list(islice(requests.read(Path(file)), int(count)))
    if len(sent) < int(count):
        sys.exit(f"{len(sent)} requests are too few for {count}")
    gc.disable()
    print(json.dumps(await OpenLoop(int(port), sent, float(rate), int(most)).run()))


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
