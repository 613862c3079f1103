"""Creates with everything on: a key with budgets and a limit, an idempotency key, the intent's row, the owed work.

The reference asks Postgres the very statements that one of our creates was heard to ask, on a copy of our database.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import httpx

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.load import open_loop, requests, wrk
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.samples import median, span
from scripts.benchmarks.stage.overheard import Ear, Statement, overhear, without_empty_transactions
from scripts.benchmarks.stage.stage import Stage, open_stage

PATH = "/api/predictions"
BOUNDS = ("--daily-budget", "1000000", "--total-budget", "1000000", "--rate-limit", "10000000/minute")
OURS, BARE = "create", "asyncpg, the same statements"
HEARD = 6
WARMING_SECONDS, WARMING_REQUESTS, ROOM = 3, 12_000, 4


def measure(plan: Plan) -> list[Figure]:
    with open_stage() as stage, stage.emulator():  # whose models are read; nothing is bought
        database = stage.migrated("creates")
        key, heard = _listen(stage, database)
        bare = stage.database("bare", like="creates")
        recorded = stage.folder / "recorded.json"
        recorded.write_text(json.dumps({"one": _told(heard[0]), "two": _told(heard[1])}))
        with (
            stage.web(database) as web,
            stage.reference("statements", "--database", bare, "--recorded", str(recorded)) as same,
        ):
            ports, databases = {OURS: web.port, BARE: same}, {OURS: database, BARE: bare}
            rounds = _rates(stage, key, ports, databases, plan)
            late = _latencies(stage, key, ports, rounds, plan)
    asked = [each for each in heard[0] if not each.simple]
    sessions = len({each.session for each in heard[0]})
    told = f"and {len(heard[0]) - len(asked)} such as BEGIN and COMMIT, on {sessions} connections"
    return [
        ratio(f"{OURS} ÷ {BARE}", rounds, OURS, BARE, 0.5),
        *late,
        Figure("statements of a create", len(asked), None, "of them", told),
    ]


def _listen(stage: Stage, database: str) -> tuple[str, list[list[Statement]]]:
    """A key, and what two creates that went the same way asked."""
    with stage.web(database) as web:
        key = web.key(*BOUNDS)
        with web.client(key) as client, overhear(stage) as ear:
            heard = sorted((_heard(client, ear, number) for number in range(HEARD)), key=len)
    for one, two in pairwise(heard):
        if one and [each.sql for each in one] == [each.sql for each in two]:
            return key, [one, two]
    raise RuntimeError(f"no two of {HEARD} creates asked the same statements: {[len(each) for each in heard]}")


def _heard(client: httpx.Client, ear: Ear, number: int) -> list[Statement]:
    ear.heard("creates")
    body, headers = _create(number)
    client.post(PATH, content=body, headers=headers).raise_for_status()
    return without_empty_transactions(ear.heard("creates"))


def _told(statements: list[Statement]) -> list[dict[str, object]]:
    return [asdict(each) for each in statements]


def _create(number: int) -> tuple[bytes, dict[str, str]]:
    order = {"model": "truefusion-pro", "input": {"prompt": f"a red fox in the snow, {number}"}}
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"bench-{uuid4()}"}
    return json.dumps(order).encode(), headers


def _rates(
    stage: Stage, key: str, ports: dict[str, int], databases: dict[str, str], plan: Plan
) -> dict[str, list[float]]:
    def posted(name: str, count: int, seconds: int, number: int) -> float:
        """A second, and every one of them a row."""
        file = _file(stage, ports[name], key, count)
        before = _rows(stage, databases[name])
        run = wrk.run(ports[name], file, seconds, once=True)
        if _rows(stage, databases[name]) - before < run.answered:
            raise wrk.LoadFailed(f"{name}: {run.answered} creates were answered, and not all are rows")
        return run.rate

    first = {name: posted(name, WARMING_REQUESTS, WARMING_SECONDS, 0) for name in ports}
    needed = {name: int(ROOM * rate * plan.seconds) for name, rate in first.items()}
    return interleaved({name: partial(posted, name, needed[name], plan.seconds) for name in ports}, plan.rounds)


def _latencies(
    stage: Stage, key: str, ports: dict[str, int], rounds: dict[str, list[float]], plan: Plan
) -> list[Figure]:
    """Each at half of its own maximum; the bare one's tells what the machine itself is up to."""
    rates = {name: median(rounds[name]) / 2 for name in ports}

    def late(name: str, number: int) -> float:
        file = _file(stage, ports[name], key, int(rates[name] * plan.seconds) + 1)
        return open_loop.latency(ports[name], file, rates[name], plan.seconds).p99

    measured = interleaved({name: partial(late, name) for name in ports}, plan.rounds)
    return [
        Figure(
            f"{name}, p99 at half of its maximum",
            median(taken),
            25 if name == OURS else None,
            "ms",
            f"{span(taken)} at {rates[name]:.0f}/s",
            rounds={name: taken},
        )
        for name, taken in measured.items()
    ]


def _file(stage: Stage, port: int, key: str, count: int) -> Path:
    def made() -> Iterator[bytes]:
        for number in range(count):
            body, headers = _create(number)
            yield requests.post(port, PATH, body, {"Authorization": f"Bearer {key}", **headers})

    return requests.write(stage.folder / "creates", made())


def _rows(stage: Stage, database: str) -> int:
    return int(stage.sql("SELECT count(*) AS rows FROM predictions", database=database)[0]["rows"])
