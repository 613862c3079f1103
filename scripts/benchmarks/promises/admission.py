"""Budgets under a crowd: exactly as many as they cover, on two web processes, near their database and far from it; and
what admission adds to a create."""

import asyncio
import os
import signal
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from scripts.benchmarks.figures import Figure, from_samples
from scripts.benchmarks.promises.house import PORT, House, another_web, open_house
from scripts.benchmarks.promises.slow_road import slow_road

ROUNDS, CROWD, COVERED = 100, 400, 100
FAR_ROUNDS, FAR_SECONDS = 10, 0.010
PRICE = 0.03
PAIRS = 300


def measure() -> list[Figure]:
    return [*_crowds(), *_far_crowds(), _added()]


def _crowds() -> list[Figure]:
    """Each round is a key of its own, with a budget for a hundred, and four hundred creates at once."""
    with _crowded_house() as house, another_web(house) as other:
        return _counted(house, (PORT, other), ROUNDS, "")


def _far_crowds() -> list[Figure]:
    with (
        _crowded_house() as house,
        slow_road(house.environment["DATABASE_URL"], FAR_SECONDS) as url,
        another_web(house, PORT + 2, DATABASE_URL=url) as one,
        another_web(house, PORT + 3, DATABASE_URL=url) as two,
    ):
        return _counted(house, (one, two), FAR_ROUNDS, ", the database 10 ms away")


@contextmanager
def _crowded_house() -> Iterator[House]:
    with open_house(AUTH_REQUIRED="true", DATABASE_POOL_SIZE="20") as house:
        os.kill(house.child("worker"), signal.SIGSTOP)  # what is admitted is to be counted, not made
        yield house


def _counted(house: House, ports: tuple[int, int], rounds: int, where: str) -> list[Figure]:
    keys = house.keys(rounds, "--total-budget", str(PRICE * COVERED))
    admitted = [asyncio.run(_round(key, ports)) for key in keys]
    spread = f"{rounds} rounds of {CROWD} creates for {COVERED}, {min(admitted)}–{max(admitted)} admitted"
    over = sum(max(count - COVERED, 0) for count in admitted)
    under = sum(max(COVERED - count, 0) for count in admitted)
    return [
        Figure(f"admitted beyond the budget{where}", over, 0, "of them", spread),
        Figure(f"refused while there was room{where}", under, 0, "of them", spread),
    ]


async def _round(key: str, ports: tuple[int, int]) -> int:
    headers = {"authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=60)
    async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=120, limits=limits) as client:
        asked = [_create(client, ports[number % 2], number) for number in range(CROWD)]
        statuses = Counter(await asyncio.gather(*asked))
    if set(statuses) - {201, 429}:
        raise RuntimeError(f"unexpected answers: {statuses}")
    return statuses[201]


async def _create(client: httpx.AsyncClient, port: int, number: int) -> int:
    """A 503 says that too many wait, and when to come back."""
    body = {"model": "truefusion-pro", "input": {"prompt": f"fox {number}"}}
    while True:
        answer = await client.post(f"http://127.0.0.1:{port}/api/predictions", json=body)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer.status_code
        await asyncio.sleep(float(answer.headers["retry-after"]))


def _added() -> Figure:
    """Pairs of creates, one by a key with budgets and a limit and one by a key without, in turns."""
    with open_house(AUTH_REQUIRED="true", WORKER_SLOTS="2") as house:
        os.kill(house.child("worker"), signal.SIGSTOP)
        [bound] = house.keys(1, "--daily-budget", "1000", "--total-budget", "1000", "--rate-limit", "100000/minute")
        [free] = house.keys(1)
        taken: dict[str, list[float]] = {bound: [], free: []}
        for number in range(2 * PAIRS):
            key = (bound, free)[number % 2]
            began = time.perf_counter()
            house.client.post(
                "/api/predictions",
                json={"model": "truefusion-pro", "input": {"prompt": f"fox {number}"}},
                headers={"authorization": f"Bearer {key}"},
            ).raise_for_status()
            taken[key].append(1000 * (time.perf_counter() - began))
    added = statistics.median(taken[bound]) - statistics.median(taken[free])
    plain = from_samples("", taken[free], 0, "ms").spread
    return Figure(
        "admission adds to a create, median",
        added,
        2,
        "ms",
        f"without: {statistics.median(taken[free]):.3g} ms ({plain})",
    )
