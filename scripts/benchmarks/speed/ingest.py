"""The webhook door: distinct signed deliveries, each durable before it is answered.

Those of known predictions move them (each is the first of its prediction); those of unknown ones are kept for later.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.load import requests
from scripts.benchmarks.references import insert
from scripts.benchmarks.rounds import Plan
from scripts.benchmarks.speed.posts import Posts, latencies, rates
from scripts.benchmarks.stage.copies import copy
from scripts.benchmarks.stage.lives import begin_lives
from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import SECRET, Stage, open_stage

PATH, TABLE = "/api/webhooks", "deliveries"
KNOWN, UNKNOWN = "delivery, known", "delivery, unknown"
ASYNCPG, ORM, CORE = "asyncpg insert", "SQLAlchemy session", "SQLAlchemy Core, large pool"
GOALS = {ASYNCPG: 0.8, ORM: 4, CORE: None}
LATE = {KNOWN: 25, UNKNOWN: 25, ASYNCPG: None}


def measure(plan: Plan) -> list[Figure]:
    with open_stage() as stage:
        database = stage.migrated("ingest")
        plain, orm, core = (_table(stage, name) for name in ("plain", "orm", "core"))
        model = begin_lives(stage, database).waiting
        with (
            stage.web(database) as web,
            stage.reference("insert", "--database", plain) as at_plain,
            stage.reference("orm", "--database", orm) as at_orm,
            stage.reference("core", "--database", core) as at_core,
        ):
            ports = {ASYNCPG: (at_plain, plain), ORM: (at_orm, orm), CORE: (at_core, core)}
            doors = {
                KNOWN: known(stage, web.port, database, model),
                UNKNOWN: unknown(stage, web.port, database),
                **{name: unknown(stage, *where) for name, where in ports.items()},
            }
            rounds = rates(doors, plan)
            late = latencies(doors, LATE, rounds, plan)
    compared = [(ours, theirs, goal) for ours in (KNOWN, UNKNOWN) for theirs, goal in GOALS.items()]
    return [*(ratio(f"{ours} ÷ {theirs}", rounds, ours, theirs, goal) for ours, theirs, goal in compared), *late]


def known(stage: Stage, port: int, database: str, model: str) -> Posts:
    """Each of a copy of that prediction, made for it."""

    def new(count: int) -> Iterator[bytes]:
        for each in copy(database, model, count, sample=count):
            yield requests.signed(port, PATH, started(f"bench-{each}"), SECRET)

    return Posts(stage, port, database, TABLE, new)


def unknown(stage: Stage, port: int, database: str) -> Posts:
    return Posts(stage, port, database, TABLE, partial(_strangers, port))


def _strangers(port: int, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield requests.signed(port, PATH, started(f"stranger-{uuid4()}"), SECRET)


def started(provider_id: str) -> dict[str, Any]:
    """As the emulator tells of a start."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "id": provider_id,
        "status": "processing",
        "type": "inference",
        "model": {"name": "truefusion-pro", "type": "image"},
        "input": {"prompt": "a red fox in the snow"},
        "output": None,
        "created_at": now,
        "started_at": now,
        "urls": {"get": f"https://api.skytells.ai/v1/predictions/{provider_id}"},
    }


def _table(stage: Stage, name: str) -> str:
    address = stage.database(name)
    ask(address, insert.TABLE)
    return address
