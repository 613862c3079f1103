"""Everything that makes a prediction: the emulator, web processes and workers, on one database."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from scripts.benchmarks.stage.processes import Process
from scripts.benchmarks.stage.service import Service
from scripts.benchmarks.stage.stage import Stage

QUICK_ART: Mapping[str, str] = {"art": "plain", "duration": "0.5", "webhook_backoff": "0.2", "retention": "3600"}
"""An emulator that costs little, so that what is measured is ours."""


@dataclass(frozen=True, slots=True)
class House:
    """`emulator` is an address. The webhooks of what a worker buys go to the web process that has its place."""

    webs: tuple[Service, ...]
    workers: tuple[Process, ...]
    emulator: str

    @property
    def web(self) -> Service:
        return self.webs[0]

    @property
    def worker(self) -> Process:
        return self.workers[0]


@contextmanager
def open_house(
    stage: Stage, database: str, *, words: Mapping[str, str] = QUICK_ART, processes: int = 1, **settings: str
) -> Iterator[House]:
    """So many of each kind, and one emulator that speaks with these `words`."""
    with ExitStack() as opened:
        emulator = opened.enter_context(stage.emulator(**words))
        webs = [opened.enter_context(stage.web(database, **settings)) for _ in range(processes)]
        workers = [opened.enter_context(stage.worker(web)) for web in webs]
        yield House(tuple(webs), tuple(workers), emulator)
