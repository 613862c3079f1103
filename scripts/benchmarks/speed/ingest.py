"""The webhook door: distinct signed deliveries, each durable before it is answered.

Those of known predictions move them (each is the first of its prediction); those of unknown ones are kept for later.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.load import open_loop, requests, wrk
from scripts.benchmarks.references import insert
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.samples import median, span
from scripts.benchmarks.stage.copies import copy
from scripts.benchmarks.stage.lives import begin_lives
from scripts.benchmarks.stage.stage import SECRET, Stage, open_stage

PATH = "/api/webhooks"
WARMING_SECONDS, WARMING_REQUESTS = 2, 8000
ROOM = 4
"""How many times more requests are made than the first second needed, since none may be sent twice."""
KNOWN, UNKNOWN = "delivery, known", "delivery, unknown"
ASYNCPG, ORM, CORE = "asyncpg insert", "SQLAlchemy session", "SQLAlchemy Core, large pool"


@dataclass(frozen=True, slots=True)
class Door:
    """One that deliveries are posted to. `ids` gives so many new provider ids, `database` is where they end as rows."""

    port: int
    database: str
    ids: Callable[[int], list[str]]


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
            doors = {
                KNOWN: Door(web.port, database, partial(_known, stage, database, model)),
                UNKNOWN: Door(web.port, database, _unknown),
                ASYNCPG: Door(at_plain, plain, _unknown),
                ORM: Door(at_orm, orm, _unknown),
                CORE: Door(at_core, core, _unknown),
            }
            rounds = _rates(stage, doors, plan)
            late = _latencies(stage, doors, rounds, plan)
    return [*_ratios(rounds), *late]


def _ratios(rounds: dict[str, list[float]]) -> list[Figure]:
    return [
        ratio(f"{ours} ÷ {theirs}", rounds, ours, theirs, goal)
        for ours in (KNOWN, UNKNOWN)
        for theirs, goal in ((ASYNCPG, 0.8), (ORM, 4), (CORE, None))
    ]


def _rates(stage: Stage, doors: dict[str, Door], plan: Plan) -> dict[str, list[float]]:
    first = {name: _posted(stage, door, WARMING_REQUESTS, WARMING_SECONDS, 0) for name, door in doors.items()}
    needed = {name: int(ROOM * rate * plan.seconds) for name, rate in first.items()}
    cases = {name: partial(_posted, stage, door, needed[name], plan.seconds) for name, door in doors.items()}
    return interleaved(cases, plan.rounds)


def _posted(stage: Stage, door: Door, count: int, seconds: int, number: int) -> float:
    """Acknowledged a second, and every one of them a row."""
    file = _file(stage, door, count)
    before = _rows(stage, door)
    run = wrk.run(door.port, file, seconds, once=True)
    if _rows(stage, door) - before < run.answered:
        raise wrk.LoadFailed(f"{run.answered} deliveries were acknowledged, and not all are rows")
    return run.rate


def _latencies(stage: Stage, doors: dict[str, Door], rounds: dict[str, list[float]], plan: Plan) -> list[Figure]:
    """Each at half of its own maximum; the plain insert's tells what the machine itself is up to."""
    rates = {name: median(rounds[name]) / 2 for name in (KNOWN, UNKNOWN, ASYNCPG)}
    cases = {name: partial(_late, stage, doors[name], rate, plan.seconds) for name, rate in rates.items()}
    late = interleaved(cases, plan.rounds)
    return [
        Figure(
            f"{name}, p99 at half of its maximum",
            median(late[name]),
            None if name == ASYNCPG else 25,
            "ms",
            f"{span(late[name])} at {rates[name]:.0f}/s",
            rounds={name: late[name]},
        )
        for name in cases
    ]


def _late(stage: Stage, door: Door, rate: float, seconds: int, number: int) -> float:
    file = _file(stage, door, int(rate * seconds) + 1)
    return open_loop.latency(door.port, file, rate, seconds).p99


def _file(stage: Stage, door: Door, count: int) -> Path:
    made = (requests.signed(door.port, PATH, delivery(each), SECRET) for each in door.ids(count))
    return requests.write(stage.folder / "deliveries", made)


def delivery(provider_id: str) -> dict[str, Any]:
    """As the emulator tells of a start."""
    return {
        "id": provider_id,
        "status": "processing",
        "type": "inference",
        "model": {"name": "truefusion-pro", "type": "image"},
        "input": {"prompt": "a red fox in the snow"},
        "output": None,
        "created_at": "2026-11-21T20:00:00.000Z",
        "started_at": "2026-11-21T20:00:01.000Z",
        "urls": {"get": f"https://api.skytells.ai/v1/predictions/{provider_id}"},
    }


def _known(stage: Stage, database: str, model: str, count: int) -> list[str]:
    return [f"bench-{each}" for each in copy(stage, database, model, count, sample=count)]


def _unknown(count: int) -> list[str]:
    return list(_strangers(count))


def _strangers(count: int) -> Iterator[str]:
    for _ in range(count):
        yield f"stranger-{uuid4()}"


def _table(stage: Stage, name: str) -> str:
    address = stage.database(name)
    stage.sql(insert.TABLE, database=address)
    return address


def _rows(stage: Stage, door: Door) -> int:
    return int(stage.sql("SELECT count(*) AS rows FROM deliveries", database=door.database)[0]["rows"])
