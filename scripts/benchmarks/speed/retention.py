"""Retention on a grown database: how fast what is too old goes, and what a create feels of it, against the same worker
without it. What autovacuum has to do with the rest is told.
"""

import time

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.speed.creates import creates
from scripts.benchmarks.speed.posts import Posts
from scripts.benchmarks.stage.lives import Lives
from scripts.benchmarks.stage.service import Service
from scripts.benchmarks.stage.stage import Stage

KEPT_DAYS = "9"
RATE = 10.0
WITH, WITHOUT = "create, p99 while retention runs", "without"
TABLES = ("predictions", "deliveries", "events", "files", "ledger", "balances", "balance_moves")


def measure(stage: Stage, database: str, lives: Lives, plan: Plan) -> list[Figure]:
    """A tenth of the database is too old. Ten creates a second, which the worker buys."""
    gone: list[float] = []
    with stage.emulator(art="plain", duration="0.2"), stage.web(database) as web:
        door, seconds = creates(stage, web.port, database, lives.key), plan.of(15, 5)

        def without(number: int) -> float:
            return _late(stage, web, door, seconds)

        def with_it(number: int) -> float:
            before, began = _copies(stage, database), time.monotonic()
            late = _late(stage, web, door, seconds, RETAIN_PREDICTIONS_DAYS=KEPT_DAYS)
            gone.append((before - _copies(stage, database)) / (time.monotonic() - began))
            return late

        without(0)
        rounds = interleaved({WITH: with_it, WITHOUT: without}, plan.of(4, 2))
    told = f"of {_copies(stage, database):,} that are left"
    return [
        ratio(f"{WITH} ÷ {WITHOUT}", rounds, WITH, WITHOUT, None),
        Figure("predictions gone a second", sum(gone) / len(gone), None, "of them", told, rounds={"gone": gone}),
        *_vacuum(stage, database),
    ]


def _late(stage: Stage, web: Service, door: Posts, seconds: int, **settings: str) -> float:
    with stage.worker(web, **settings):
        time.sleep(2)
        return door.p99(RATE, seconds)


def _copies(stage: Stage, database: str) -> int:
    query = "SELECT count(*) AS rows FROM predictions WHERE provider_id LIKE 'bench-%' AND status = 'succeeded'"
    return int(stage.sql(query, database=database)[0]["rows"])


def _vacuum(stage: Stage, database: str) -> list[Figure]:
    query = (
        "SELECT relname, n_live_tup, n_dead_tup, autovacuum_count, pg_total_relation_size(relid) / 2^20 AS size "
        "FROM pg_stat_user_tables WHERE relname = ANY($1) ORDER BY size DESC"
    )
    return [
        Figure(
            f"dead rows in {row['relname']} after it",
            row["n_dead_tup"],
            None,
            "of them",
            f"{row['n_live_tup']:,} live, {row['size']:,.0f} MiB, vacuumed by itself {row['autovacuum_count']} times",
        )
        for row in stage.sql(query, list(TABLES), database=database)
    ]
