"""From a provider's terminal event to `succeeded`: pictures of 2 MB, ten a second, against download and write alone.

The events are posted by the bench itself. Ours ends with the time that stands in the prediction, which is that of its
last transaction; the bare one ends with its answer, which it gives when the file is written and synced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import httpx

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.load import events
from scripts.benchmarks.load.events import Posted
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.samples import median, percentile, span
from scripts.benchmarks.stage import pictures
from scripts.benchmarks.stage.copies import copy
from scripts.benchmarks.stage.house import House, open_house
from scripts.benchmarks.stage.lives import Lives, begin_lives
from scripts.benchmarks.stage.service import until
from scripts.benchmarks.stage.stage import SECRET, Stage, open_stage

RATE, SIZE = 10.0, 2_000_000
OURS, BARE = "event to succeeded, 2 MB at 10/s", "download, write and sync"


@dataclass(frozen=True, slots=True)
class Scene:
    stage: Stage
    house: House
    lives: Lives
    database: str
    cdn: int
    bare: int

    def new(self, count: int) -> list[dict[str, Any]]:
        """Events of predictions that the provider still makes."""
        ids = copy(self.database, self.lives.running, count, sample=count)
        return [events.succeeded(f"bench-{each}", self.picture(at)) for at, each in enumerate(ids)]

    def picture(self, number: int) -> str:
        return f"http://127.0.0.1:{self.cdn}/now/{number}.png"


def measure(plan: Plan) -> list[Figure]:
    taken: dict[str, list[float]] = {OURS: [], BARE: []}
    with open_stage() as stage:
        database = stage.migrated("events")
        lives = begin_lives(stage, database)
        picture = pictures.draw(stage.folder / "picture.png", SIZE)
        with (
            open_house(stage, database) as house,
            stage.reference("pictures", "--file", str(picture)) as cdn,
            stage.reference("download", "--folder", str(stage.folder / "bare")) as bare,
        ):
            scene = Scene(stage, house, lives, database, cdn, bare)
            count = plan.of(50, 15)
            _ours(scene, 5, [], 0)
            cases = {OURS: partial(_ours, scene, count, taken[OURS]), BARE: partial(_bare, scene, count, taken[BARE])}
            rounds = interleaved(cases, plan.rounds)
    worst = percentile(taken[OURS], 99)
    return [
        Figure(f"{OURS}, median", median(rounds[OURS]), 100, "ms", span(rounds[OURS]), rounds={OURS: rounds[OURS]}),
        Figure(f"{OURS}, p99", worst, 1000, "ms", f"n={len(taken[OURS])}", rounds={OURS: taken[OURS]}),
        ratio(f"event to succeeded ÷ {BARE}", rounds, OURS, BARE, 1.5, at_least=False),
    ]


def _ours(scene: Scene, count: int, taken: list[float], number: int) -> float:
    """The median of a round, in ms; each is added to `taken`."""
    posted = events.post(f"{scene.house.web.url}/api/webhooks", scene.new(count), RATE, SECRET)
    with scene.house.web.client(scene.lives.key) as client:
        own = [1000 * (_ended(client, each) - each.at) for each in posted]
    taken += own
    return median(own)


def _ended(client: httpx.Client, posted: Posted) -> float:
    ended = until(client, posted.provider_id.removeprefix("bench-"), "done")
    if ended["status"] != "succeeded":
        raise RuntimeError(f"a prediction failed: {ended['error']}")
    return datetime.fromisoformat(ended["completed_at"]).timestamp()


def _bare(scene: Scene, count: int, taken: list[float], number: int) -> float:
    told: Sequence[dict[str, Any]] = [events.succeeded(f"bare-{at}", scene.picture(at)) for at in range(count)]
    own = [1000 * each.seconds for each in events.post(f"http://127.0.0.1:{scene.bare}/api/webhooks", told, RATE, "-")]
    taken += own
    return median(own)
