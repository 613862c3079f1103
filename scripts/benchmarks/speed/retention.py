"""Retention on a grown database (`growth`): how fast what is too old goes, and what a create feels of it, against the
same worker without it. What autovacuum has to do with the rest is told.
"""

import time

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.speed.creates import BOUNDS, creates
from scripts.benchmarks.speed.growth import grow
from scripts.benchmarks.stage.lives import Lives, begin_lives
from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import Stage, open_stage

KEPT_DAYS = "9"
RATE = 10.0
WITH, WITHOUT = "create, p99 while retention runs", "without"
TABLES = ("predictions", "deliveries", "events", "files", "ledger", "balances", "balance_moves")


def measure(plan: Plan) -> list[Figure]:
    with open_stage() as stage:
        database = stage.migrated("old")
        lives = begin_lives(stage, database, *BOUNDS)
        grow(database, lives, plan.rows)
        return _measured(stage, database, lives, plan)


def _measured(stage: Stage, database: str, lives: Lives, plan: Plan) -> list[Figure]:
    """A tenth of the database is too old. Ten creates a second, which the worker buys."""
    gone: list[float] = []
    with stage.emulator(art="plain", duration="0.2"), stage.web(database) as web:
        door, seconds = creates(stage, web.port, database, lives.key), plan.of(15, 5)

        def without(number: int) -> float:
            with stage.worker(web) as worker:
                worker.until(lambda: bool(worker.tail), "says a word")
                return door.p99(RATE, seconds)

        def with_it(number: int) -> float:
            before = _copies(database)
            with stage.worker(web, RETAIN_PREDICTIONS_DAYS=KEPT_DAYS) as worker:
                worker.until(lambda: _copies(database) < before, "forgets anything")
                left, began = _copies(database), time.monotonic()
                late = door.p99(RATE, seconds)
                gone.append((left - _copies(database)) / (time.monotonic() - began))
                if "chore failed" in worker.tail:
                    raise RuntimeError(f"retention broke:\n{worker.tail}")
            return late

        without(0)
        rounds = interleaved({WITH: with_it, WITHOUT: without}, plan.of(4, 2))
    told = f"of {_copies(database):,} that are left"
    return [
        ratio(f"{WITH} ÷ {WITHOUT}", rounds, WITH, WITHOUT, None),
        Figure("predictions gone a second", sum(gone) / len(gone), None, "of them", told, rounds={"gone": gone}),
        *_vacuum(database),
    ]


def _copies(database: str) -> int:
    query = "SELECT count(*) AS rows FROM predictions WHERE provider_id LIKE 'bench-%' AND status = 'succeeded'"
    return int(ask(database, query)[0]["rows"])


def _vacuum(database: str) -> list[Figure]:
    query = (
        "SELECT u.relname, reltuples, n_dead_tup, autovacuum_count, pg_total_relation_size(relid) / 2^20 AS size "
        "FROM pg_stat_user_tables AS u JOIN pg_class ON oid = relid WHERE u.relname = ANY($1) ORDER BY size DESC"
    )
    return [
        Figure(
            f"dead rows in {row['relname']} after it",
            row["n_dead_tup"],
            None,
            "of them",
            f"of {row['reltuples']:,.0f}, {row['size']:,.0f} MiB, vacuumed by itself {row['autovacuum_count']} times",
        )
        for row in ask(database, query, list(TABLES))
    ]
