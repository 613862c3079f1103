"""A thousand creates at once at a provider that allows 150 in ten seconds and locks out for a minute whoever sends
more: two worker processes, and a gate before the emulator that counts what arrives."""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from app.db import owed, turns
from app.db.engine import Database
from app.domain.rates import Rate
from app.domain.work import Terms, WorkKind
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises.gate import Gate, gate
from scripts.benchmarks.promises.house import EMULATOR_PORT, PORT, House, open_house

CROWD, BATCH = 1000, 100
ALLOWED, SECONDS, LOCKED_OUT = 150, 10, 60
GATE_PORT = PORT + 9
PATIENCE = 300
SAMPLES = 200


def measure() -> list[Figure]:
    with ExitStack() as stack:
        settings = {"RATE_LIMIT_BATCH": "off", "EMULATOR_ART": "plain", "EMULATOR_DURATION": "0.2"}
        house = stack.enter_context(open_house(**settings))
        os.kill(house.child("worker"), signal.SIGSTOP)  # it would buy past the gate
        added = asyncio.run(_added(house))
        counted = stack.enter_context(gate(GATE_PORT, EMULATOR_PORT, ALLOWED, SECONDS, LOCKED_OUT))
        ids = _create(house)
        began = time.monotonic()
        for _ in range(2):
            stack.enter_context(_worker(house))
        ended = asyncio.run(_ended(house, ids)) - began
        wakes = asyncio.run(_wakes(house, ids))
    return [*_counted(counted, ids), _time(ended), _wake_ups(wakes), *added]


def _create(house: House) -> list[str]:
    """In the order of their creation."""
    ids: list[str] = []
    for first in range(0, CROWD, BATCH):
        orders = [
            {"model": "truefusion-pro", "input": {"prompt": f"fox {number}"}} for number in range(first, first + BATCH)
        ]
        made = house.client.post("/api/batches", json={"predictions": orders}).raise_for_status().json()
        ids += [each["id"] for each in made["predictions"]]
    return ids


@contextmanager
def _worker(house: House) -> Iterator[None]:
    command = [str(Path(sys.executable).with_name("darkroom")), "worker"]
    own = {
        "SKYTELLS_BASE_URL": f"http://127.0.0.1:{GATE_PORT}/v1",
        "SKYTELLS_MAX_REQUESTS": f"{ALLOWED} per {SECONDS} seconds",
    }
    process = subprocess.Popen(
        command, env={**house.environment, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


async def _ended(house: House, ids: list[str]) -> float:
    """When the last of them was final; all of them must have succeeded."""
    connection = await asyncpg.connect(house.environment["DATABASE_URL"])
    query = "SELECT status, count(*) FROM predictions WHERE id = ANY($1::uuid[]) GROUP BY status"
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = {row["status"]: row["count"] for row in await connection.fetch(query, ids)}
        if not set(found) - {"succeeded", "failed", "canceled"}:
            break
        await asyncio.sleep(0.2)
    await connection.close()
    if found != {"succeeded": CROWD}:
        raise RuntimeError(f"not all succeeded: {found}")
    return time.monotonic()


async def _wakes(house: House, ids: list[str]) -> list[int]:
    """How often each was taken out of the queue to be submitted: put off, or sent."""
    connection = await asyncpg.connect(house.environment["DATABASE_URL"])
    query = (
        "SELECT count(*) FROM jobs.pgqueuer_log WHERE entrypoint = 'submit' AND status = 'picked'"  # of this run alone
    )
    picked = await connection.fetchval(query)
    await connection.close()
    return [picked, len(ids)]


def _counted(counted: Gate, ids: list[str]) -> list[Figure]:
    times = [arrival.at for arrival in counted.arrivals]
    worst = max(sum(begin <= at <= begin + SECONDS for at in times) for begin in times)
    places = [int(arrival.prompt.removeprefix("fox ")) for arrival in counted.arrivals]
    inversions = sum(after < before for before, after in pairwise(places))
    ahead = max(place - rank for rank, place in enumerate(places))
    spread = f"{len(times)} arrivals of {len(ids)}, {counted.lockouts} locked out"
    order = f"{inversions} neighbours out of order"
    return [
        Figure(f"most creates in any {SECONDS} s", worst, ALLOWED, "of them", spread),
        Figure("furthest that one came before its place", ahead, ALLOWED, "places", order),
    ]


def _time(ended: float) -> Figure:
    least = SECONDS * (CROWD // ALLOWED)
    return Figure(f"{CROWD} creates, all stored", ended, 1.3 * least, "s", f"at least {least} s by the limit")


def _wake_ups(wakes: list[int]) -> Figure:
    return Figure("wake-ups a prediction", wakes[0] / wakes[1], 3, "times", f"{wakes[0]} jobs for {wakes[1]}")


async def _added(house: House) -> list[Figure]:
    """Of rows that nobody else submits, in transactions that are undone."""
    database = Database(house.environment["DATABASE_URL"])
    body = {"model": "truefusion-pro", "input": {"prompt": "a fox that waits"}}
    made = house.client.post("/api/predictions", json=body).raise_for_status().json()
    taken = {
        name: [await _taken(database, UUID(made["id"]), terms) for _ in range(SAMPLES)]
        for name, terms in (("without", Terms()), ("with", Terms(creates=Rate(10**6, SECONDS))))
    }
    house.client.post(made["urls"]["cancel"]).raise_for_status()
    await database.close()
    free, bound = (statistics.median(taken[name]) for name in ("without", "with"))
    return [
        Figure("admission adds to a submission without limits", free, 0.1, "ms", "no statement"),
        Figure("admission adds to a submission with limits", bound, 5, "ms", f"median of {SAMPLES}, 3 statements"),
    ]


class _UndoneError(Exception):
    pass


async def _taken(database: Database, prediction_id: UUID, terms: Terms) -> float:
    spent: Any = None
    try:
        async with database.transaction() as tx:
            claim = await owed.claim(tx, prediction_id, WorkKind.SUBMIT, timedelta(seconds=30))
            if claim is None:
                raise RuntimeError("it is not owed")
            began = time.perf_counter()
            await turns.take(tx, claim, terms)
            spent = 1000 * (time.perf_counter() - began)
            raise _UndoneError
    except _UndoneError:
        return float(spent)
