"""What web and worker keep in memory at rest, and at most while predictions are made and everybody polls."""

import threading
import time
from functools import partial

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.load import requests, wrk
from scripts.benchmarks.rounds import Plan
from scripts.benchmarks.speed.creates import BOUNDS
from scripts.benchmarks.speed.end_to_end import SIZE, Shop
from scripts.benchmarks.stage.house import QUICK_ART, House, open_house
from scripts.benchmarks.stage.service import make
from scripts.benchmarks.stage.stage import open_stage

REST = {"web": 120, "worker": 150}
MOST_GROWTH = 50
SETTLED_SECONDS = 5


def measure(plan: Plan) -> list[Figure]:
    with open_stage() as stage:
        database = stage.migrated("memory")
        with open_house(stage, database, words={**QUICK_ART, "output_bytes": str(SIZE)}) as house:
            key = house.web.key(*BOUNDS)
            with house.web.client(key) as client:
                polled = make(client)["id"]
            time.sleep(SETTLED_SECONDS)
            rest = _memories(house)
            headers = {"Authorization": f"Bearer {key}"}
            asked = [requests.get(house.web.port, f"/api/predictions/{polled}", **headers)]
            file = requests.write(stage.folder / "polls", asked)
            seconds = plan.of(20, 5)
            polling = threading.Thread(target=partial(wrk.run, house.web.port, file, seconds))
            polling.start()
            Shop(stage, database, house.web.port, "/api/predictions", headers).sell(plan.of(400, 60))
            polling.join()
            most = {"web": house.web.process.peak, "worker": house.worker.peak}
    return [*_at_rest(rest), *_under_load(rest, most)]


def _at_rest(rest: dict[str, float]) -> list[Figure]:
    return [Figure(f"memory of {name} at rest", rest[name], REST[name], "MiB") for name in rest]


def _under_load(rest: dict[str, float], most: dict[str, float]) -> list[Figure]:
    return [
        Figure(
            f"growth of {name} under load",
            100 * (most[name] / rest[name] - 1),
            MOST_GROWTH,
            "%",
            f"{rest[name]:.0f} → {most[name]:.0f} MiB, at its peak",
        )
        for name in rest
    ]


def _memories(house: House) -> dict[str, float]:
    return {"web": house.web.process.memory, "worker": house.worker.memory}
