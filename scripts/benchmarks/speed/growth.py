"""A grown database against an empty one, beside each other: status, list, create, ingest.

The grown one has a million predictions with five deliveries each, and all that hangs on them, over ten days; both have
the same indexes, and each a web process of its own.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.load import requests, wrk
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.speed.creates import BOUNDS, creates
from scripts.benchmarks.speed.ingest import known, unknown
from scripts.benchmarks.speed.posts import ROOM, WARMING_REQUESTS, WARMING_SECONDS, Posts
from scripts.benchmarks.stage.copies import copy
from scripts.benchmarks.stage.lives import Lives, begin_lives
from scripts.benchmarks.stage.service import Service
from scripts.benchmarks.stage.stage import Stage, open_stage

DAYS, DELIVERIES, SMALL = 10.0, 5, 1000
GOAL = 1.2
EMPTY, GROWN = "empty", "grown"
POSTED = ("create", "delivery, known", "delivery, unknown")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two; `asked` are predictions of it, spread over its time."""

    stage: Stage
    name: str
    database: str
    lives: Lives
    asked: list[UUID]

    def doors(self, web: Service) -> dict[str, Posts]:
        made = (
            creates(self.stage, web.port, self.database, self.lives.key),
            known(self.stage, web.port, self.database, self.lives.waiting),
            unknown(self.stage, web.port, self.database),
        )
        return dict(zip(POSTED, made, strict=True))

    def reads(self, web: Service) -> dict[str, Path]:
        key = {"Authorization": f"Bearer {self.lives.key}"}
        asked = {
            "status": [f"/api/predictions/{each}" for each in self.asked],
            "list": ["/api/predictions?limit=20"],
            "list, succeeded": ["/api/predictions?limit=20&status=succeeded"],
        }
        return {
            name: requests.write(
                self.stage.folder / f"{self.name}-{at}", (requests.get(web.port, path, **key) for path in paths)
            )
            for at, (name, paths) in enumerate(asked.items())
        }


def measure(plan: Plan) -> list[Figure]:
    with open_stage() as stage:
        database = stage.migrated(EMPTY)
        lives = begin_lives(stage, database, *BOUNDS)
        grown = stage.database(GROWN, like=EMPTY)
        sides = {
            EMPTY: Side(stage, EMPTY, database, lives, copy(database, lives.finished, SMALL, tidy=True)),
            GROWN: Side(stage, GROWN, grown, lives, grow(grown, lives, plan.rows)),
        }
        with stage.emulator(), stage.web(database) as small, stage.web(grown) as large:
            webs = {EMPTY: small, GROWN: large}
            cases = {f"{what}, {name}": case for name in sides for what, case in _cases(sides[name], webs[name], plan)}
            rounds = interleaved(cases, plan.rounds)
    size = f"{plan.rows:,} predictions"
    whats = [name.removesuffix(f", {EMPTY}") for name in rounds if name.endswith(f", {EMPTY}")]
    return [
        ratio(f"{what}: empty ÷ {size}", rounds, f"{what}, {EMPTY}", f"{what}, {GROWN}", GOAL, at_least=False)
        for what in whats
    ]


def grow(database: str, lives: Lives, rows: int) -> list[UUID]:
    """Return some of what it then has, spread over its time."""
    return copy(database, lives.finished, rows, days=DAYS, deliveries=DELIVERIES, tidy=True)


def _cases(side: Side, web: Service, plan: Plan) -> list[tuple[str, partial[float]]]:
    files, doors = side.reads(web), side.doors(web)
    for file in files.values():
        wrk.run(web.port, file, WARMING_SECONDS)
    first = {name: door.rate(WARMING_REQUESTS, WARMING_SECONDS) for name, door in doors.items()}
    reading = [(name, partial(_read, web.port, file, plan.seconds)) for name, file in files.items()]
    writing = [
        (name, partial(_post, door, int(ROOM * first[name] * plan.seconds), plan.seconds))
        for name, door in doors.items()
    ]
    return reading + writing


def _read(port: int, file: Path, seconds: int, number: int) -> float:
    return wrk.run(port, file, seconds).rate


def _post(door: Posts, count: int, seconds: int, number: int) -> float:
    return door.rate(count, seconds)
