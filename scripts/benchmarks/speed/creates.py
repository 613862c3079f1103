"""Creates with everything on: a key with budgets and a limit, an idempotency key, the intent's row, the owed work.

The reference asks Postgres the very statements that one of our creates was heard to ask, on a copy of our database.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from itertools import pairwise
from uuid import uuid4

import httpx

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.load import requests
from scripts.benchmarks.rounds import Plan
from scripts.benchmarks.speed.posts import Posts, latencies, rates
from scripts.benchmarks.stage.overheard import Ear, Statement, overhear, without_empty_transactions
from scripts.benchmarks.stage.stage import Stage, open_stage

PATH, TABLE = "/api/predictions", "predictions"
BOUNDS = ("--daily-budget", "1000000", "--total-budget", "1000000", "--rate-limit", "10000000/minute")
OURS, BARE = "create", "asyncpg, the same statements"
HEARD = 6


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
            doors = {OURS: creates(stage, web.port, database, key), BARE: creates(stage, same, bare, key)}
            rounds = rates(doors, plan)
            late = latencies(doors, {OURS: 25, BARE: None}, rounds, plan)
    asked = [each for each in heard[0] if not each.simple]
    sessions = len({each.session for each in heard[0]})
    told = f"and {len(heard[0]) - len(asked)} such as BEGIN and COMMIT, on {sessions} connections"
    counted = Figure("statements of a create", len(asked), None, "of them", told)
    return [ratio(f"{OURS} ÷ {BARE}", rounds, OURS, BARE, 0.5), *late, counted]


def creates(stage: Stage, port: int, database: str, key: str) -> Posts:
    """By that key, each with a prompt and an idempotency key of its own."""
    return Posts(stage, port, database, TABLE, partial(_orders, port, key))


def _orders(port: int, key: str, count: int) -> Iterator[bytes]:
    for number in range(count):
        body, headers = _order(number)
        yield requests.post(port, PATH, body, {"Authorization": f"Bearer {key}", **headers})


def _order(number: int) -> tuple[bytes, dict[str, str]]:
    order = {"model": "truefusion-pro", "input": {"prompt": f"a red fox in the snow, {number}"}}
    return json.dumps(order).encode(), {"Idempotency-Key": f"bench-{uuid4()}"}


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
    body, headers = _order(number)
    client.post(PATH, content=body, headers={"Content-Type": "application/json", **headers}).raise_for_status()
    return without_empty_transactions(ear.heard("creates"))


def _told(statements: list[Statement]) -> list[dict[str, object]]:
    return [asdict(each) for each in statements]
