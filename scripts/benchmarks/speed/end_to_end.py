"""From creates to stored pictures of 256 kB: how many a second, everything on this machine, emulator included.

The tutorial's way does it in the same run, without a promise; ours with all of them on: the row first, the ledger, the
owed work, the sync and the hash. As many creates as sixteen connections get rid of, until the last picture is stored.
"""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.load import open_loop, requests
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.speed.creates import BOUNDS
from scripts.benchmarks.speed.tutorials import open_tutorial
from scripts.benchmarks.stage.house import QUICK_ART, open_house
from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import Stage, open_stage

SIZE = 256_000
OURS, TUTORIAL = "predictions stored a second", "the tutorial's way"
PATIENCE, STEP = 180.0, 0.05


def measure(plan: Plan) -> list[Figure]:
    with open_stage() as stage:
        database = stage.migrated("ends")
        words = {**QUICK_ART, "output_bytes": str(SIZE)}
        with open_house(stage, database, words=words) as house, open_tutorial(stage, house.emulator) as tutorial:
            key = {"Authorization": f"Bearer {house.web.key(*BOUNDS)}"}
            made, few = plan.of(300, 60), 20
            ours = Shop(stage, database, house.web.port, "/api/predictions", key)
            theirs = Shop(stage, tutorial.database, tutorial.port, "/predictions")
            for each in (ours, theirs):
                each.sell(few)
            cases = {OURS: lambda number: ours.sell(made), TUTORIAL: lambda number: theirs.sell(made)}
            rounds = interleaved(cases, plan.rounds)
    return [ratio(f"{OURS} ÷ {TUTORIAL}", rounds, OURS, TUTORIAL, 1.5)]


@dataclass(frozen=True, slots=True)
class Shop:
    """Whoever sells predictions at `path`, and keeps them in a table of that name."""

    stage: Stage
    database: str
    port: int
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    owner: str = ""
    """Whose predictions are counted, where there are several."""

    def sell(self, count: int) -> float:
        """Stored a second. Raises RuntimeError if one failed, or if they take too long."""
        file = self.orders(count)
        before = self._states().get("succeeded", 0)
        began = time.monotonic()
        open_loop.burst(self.port, file, count)
        while (now := self._states()).get("succeeded", 0) - before < count:
            if now.get("failed", 0) or time.monotonic() - began > PATIENCE:
                raise RuntimeError(f"{count} predictions were ordered at port {self.port}, and this is of them: {now}")
            time.sleep(STEP)
        return count / (time.monotonic() - began)

    def orders(self, count: int) -> Path:
        """Each with a prompt and an idempotency key of its own."""
        return requests.write(self.stage.folder / f"orders-{self.port}", (self._order() for _ in range(count)))

    def _order(self) -> bytes:
        order = {"model": "truefusion-pro", "input": {"prompt": f"a red fox in the snow, {uuid4()}"}}
        headers = {**self.headers, "Idempotency-Key": str(uuid4())}
        return requests.post(self.port, self.path, json.dumps(order).encode(), headers)

    def _states(self) -> dict[str, int]:
        whose, values = ("WHERE owner = $1 ", [self.owner]) if self.owner else ("", [])
        query = f"SELECT status, count(*) AS many FROM predictions {whose}GROUP BY status"
        return {row["status"]: row["many"] for row in ask(self.database, query, *values)}
