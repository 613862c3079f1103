"""What a notification costs a commit: Postgres lets those that notify through one at a time.

The bound of one database, since every change of a prediction is told by its own row.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from time import perf_counter
from uuid import uuid4

import asyncpg

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.samples import median
from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import open_stage

CONNECTIONS = 16
BODY = bytes(300)
PLAIN, TOLD = "commit", "commit that notifies"
STATEMENTS = {
    PLAIN: "INSERT INTO commits VALUES ($1, $2)",
    TOLD: "INSERT INTO commits VALUES ($1, $2) RETURNING pg_notify('told', id::text)",
}


def measure(plan: Plan) -> list[Figure]:
    with open_stage() as stage:
        database = stage.database("notifying")
        ask(database, "CREATE TABLE commits (id uuid PRIMARY KEY, body bytea NOT NULL)")
        cases = {name: partial(_round, database, sql, plan.seconds) for name, sql in STATEMENTS.items()}
        rounds = interleaved(cases, plan.rounds)
    rates = [Figure(name, median(found), None, "a second", rounds={name: found}) for name, found in rounds.items()]
    return [*rates, ratio(f"{TOLD} ÷ {PLAIN}", rounds, TOLD, PLAIN, None)]


def _round(database: str, sql: str, seconds: float, _: int) -> float:
    return asyncio.run(_rate(database, sql, seconds))


async def _rate(database: str, sql: str, seconds: float) -> float:
    connections: Sequence[asyncpg.Connection] = [await asyncpg.connect(database) for _ in range(CONNECTIONS)]
    began = perf_counter()
    counts = await asyncio.gather(*(_commits(each, sql, began + seconds) for each in connections))
    taken = perf_counter() - began
    for each in connections:
        await each.close()
    return sum(counts) / taken


async def _commits(connection: asyncpg.Connection, sql: str, until: float) -> int:
    statement, count = await connection.prepare(sql), 0
    while perf_counter() < until:
        await statement.fetch(uuid4(), BODY)
        count += 1
    return count
