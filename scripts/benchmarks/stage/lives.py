"""Predictions as they come to be, bought at the emulator: one is finished, one being made, one waits to be made.

They are models for thousands of copies, so that a figure does not wait for thousands of purchases.
"""

from dataclasses import dataclass

import httpx

from scripts.benchmarks.stage.service import create, make, until
from scripts.benchmarks.stage.stage import Stage


@dataclass(frozen=True, slots=True)
class Lives:
    """The key's own predictions, by id."""

    key: str
    finished: str
    running: str
    waiting: str


def begin_lives(stage: Stage, database: str, *words: str) -> Lives:
    """With a new key, which `words` of the command bound. All processes have ended when it returns."""
    with (
        stage.emulator(duration="0.4", art="plain") as emulator,
        stage.web(database) as web,
        stage.worker(web),
    ):
        key = web.key(*words)
        with web.client(key) as client:
            finished = make(client)
            httpx.post(f"{emulator}/_faults", json={"never_finish": 1}, trust_env=False).raise_for_status()
            running = until(client, create(client)["id"], "running")
            httpx.post(f"{emulator}/_dialect", json={"duration": 600}, trust_env=False).raise_for_status()
            waiting = until(client, create(client)["id"], "waiting")
    return Lives(key, finished["id"], running["id"], waiting["id"])
