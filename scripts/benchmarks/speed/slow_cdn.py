"""How soon the door acknowledges while each picture takes two seconds to fetch, and how long the tutorial's holds on.

Their predictions are rows before the round; after it all that was acknowledged must be stored before the other's turn.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.load import events, open_loop, requests
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.samples import median, span
from scripts.benchmarks.speed.tutorials import open_tutorial
from scripts.benchmarks.stage import pictures
from scripts.benchmarks.stage.copies import copy
from scripts.benchmarks.stage.house import open_house
from scripts.benchmarks.stage.lives import begin_lives
from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import SECRET, Stage, open_stage

RATE, SIZE = 8.0, 256_000
OURS, TUTORIAL = "acknowledged while pictures take 2 s, p99", "the tutorial's handler, p99"
PATIENCE = 120.0
UNWATCHED = "UPDATE predictions SET work = NULL, due_at = NULL, deadline_at = NULL WHERE id = $1"
"""No worker asks the emulator for what an earlier one sold, nor for its copies."""


def measure(plan: Plan) -> list[Figure]:
    seconds = plan.of(10, 4)
    with open_stage() as stage:
        database = stage.migrated("slow")
        model = begin_lives(stage, database).running
        ask(database, UNWATCHED, UUID(model))
        picture = pictures.draw(stage.folder / "picture.png", SIZE)
        with (
            open_house(stage, database) as house,
            stage.reference("pictures", "--file", str(picture)) as cdn,
            open_tutorial(stage, house.emulator) as tutorial,
        ):
            count = int(RATE * seconds)

            def of_ours(number: int) -> float:
                ids = [f"bench-{each}" for each in copy(database, model, count, sample=count)]
                return ours.acknowledge(ids, seconds)

            def of_tutorial(number: int) -> float:
                return theirs.acknowledge(tutorial.rows(count), seconds)

            ours = Door(stage, database, house.web.port, "/api/webhooks", cdn)
            theirs = Door(stage, tutorial.database, tutorial.port, "/webhook", cdn)
            rounds = interleaved({OURS: of_ours, TUTORIAL: of_tutorial}, plan.rounds)
    told = {name: f"{span(rounds[name])} at {RATE:g}/s" for name in rounds}
    return [
        Figure(name, median(rounds[name]), goal, "ms", told[name], rounds={name: rounds[name]})
        for name, goal in ((OURS, 50), (TUTORIAL, None))
    ]


@dataclass(frozen=True, slots=True)
class Door:
    """One that events are posted to at `path`; `cdn` is the port of the slow pictures."""

    stage: Stage
    database: str
    port: int
    path: str
    cdn: int

    def acknowledge(self, ids: list[str], seconds: float) -> float:
        """The p99 in ms, once all of these predictions have succeeded. Raises RuntimeError if they do not."""
        late = open_loop.latency(self.port, self._events(ids), RATE, seconds)
        end = time.monotonic() + PATIENCE
        while (ends := self._ends(ids)) != {"succeeded": len(ids)}:
            if time.monotonic() > end:
                raise RuntimeError(f"not all of {len(ids)} predictions succeeded within {PATIENCE:.0f} s: {ends}")
            time.sleep(0.2)
        return late.p99

    def _events(self, ids: list[str]) -> Path:
        url = f"http://127.0.0.1:{self.cdn}/slow"
        told = (events.succeeded(each, f"{url}/{at}.png") for at, each in enumerate(ids))
        sent = (requests.signed(self.port, self.path, each, SECRET) for each in told)
        return requests.write(self.stage.folder / "slow", sent)

    def _ends(self, ids: list[str]) -> dict[str, int]:
        query = "SELECT status, count(*) AS rows FROM predictions WHERE provider_id = ANY($1) GROUP BY status"
        return {row["status"]: row["rows"] for row in ask(self.database, query, ids)}
