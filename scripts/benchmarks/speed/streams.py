"""Thousands of clients who listen to a prediction that does not change: what each costs in memory and in statements."""

import time

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.load import requests
from scripts.benchmarks.load.streams import listening
from scripts.benchmarks.rounds import Plan
from scripts.benchmarks.stage.copies import copy
from scripts.benchmarks.stage.lives import begin_lives
from scripts.benchmarks.stage.overheard import Ear, overhear
from scripts.benchmarks.stage.stage import open_stage

STREAMS, DATABASE = 5000, "streams"
SETTLED_SECONDS, WATCHED_SECONDS = 5, 32
"""Watched for longer than twice any keep-alive."""


def measure(plan: Plan) -> list[Figure]:
    count = plan.of(STREAMS, 500)
    with open_stage() as stage:
        database = stage.migrated(DATABASE)
        lives = begin_lives(stage, database)
        ids = copy(database, lives.running, 1000)
        with stage.web(database, MAX_STREAMS=str(2 * count)) as web, overhear(stage) as ear:
            headers = {"Authorization": f"Bearer {lives.key}", "Accept": "text/event-stream"}
            asked = [requests.get(web.port, f"/api/predictions/{each}/events", **headers) for each in ids]
            file = requests.write(stage.folder / "streams", asked)
            with listening(web.port, file, 10):
                time.sleep(1)
            alone, before = _statements(ear, plan), web.process.memory
            with listening(web.port, file, count):
                time.sleep(SETTLED_SECONDS)
                after, with_them = web.process.memory, _statements(ear, plan)
    each = 1024 * (after - before) / count
    told = f"{with_them} in {_watched(plan)} s, {alone} without them"
    return [
        Figure(f"an idle event stream of {count:,}", each, 40, "KiB", f"{before:.0f} → {after:.0f} MiB"),
        Figure(f"statements for {count:,} idle streams", max(with_them - alone, 0), 0, "of them", told),
    ]


def _watched(plan: Plan) -> int:
    return plan.of(WATCHED_SECONDS, 17)


def _statements(ear: Ear, plan: Plan) -> int:
    """That the database was asked in a while, from now on."""
    ear.heard(DATABASE)
    time.sleep(_watched(plan))
    return len(ear.heard(DATABASE))
