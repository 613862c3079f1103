"""What is posted once and must then be a row: as often as it goes, and how late at half of that."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.load import open_loop, requests, wrk
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.samples import median, span
from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import Stage

WARMING_SECONDS, WARMING_REQUESTS = 3, 40_000
ROOM = 4
"""How many times more requests are made than the first seconds needed, since none may be sent twice."""


@dataclass(frozen=True, slots=True)
class Posts:
    """`new` makes so many requests for `port`; each leaves a row in `table` of `database`."""

    stage: Stage
    port: int
    database: str
    table: str
    new: Callable[[int], Iterable[bytes]]

    def rate(self, count: int, seconds: int) -> float:
        """Answered a second, of at most `count`. Raises LoadFailed if they run out, or if one is no row."""
        file, before = self._file(count), self._rows()
        run = wrk.run(self.port, file, seconds, once=True)
        if self._rows() - before < run.answered:
            raise wrk.LoadFailed(f"{run.answered} posts were answered, and not all are rows of {self.table}")
        return run.rate

    def p99(self, rate: float, seconds: float) -> float:
        """In ms, at so many a second."""
        return open_loop.latency(self.port, self._file(int(rate * seconds)), rate, seconds).p99

    def _file(self, count: int) -> Path:
        return requests.write(self.stage.folder / "posts", self.new(count))

    def _rows(self) -> int:
        return int(ask(self.database, f"SELECT count(*) AS rows FROM {self.table}")[0]["rows"])


def rates(doors: Mapping[str, Posts], plan: Plan) -> dict[str, list[float]]:
    first = {name: door.rate(WARMING_REQUESTS, WARMING_SECONDS) for name, door in doors.items()}
    cases = {
        name: partial(_rate, door, int(ROOM * first[name] * plan.seconds), plan.seconds) for name, door in doors.items()
    }
    return interleaved(cases, plan.rounds)


def latencies(
    doors: Mapping[str, Posts], goals: Mapping[str, float | None], rounds: Mapping[str, list[float]], plan: Plan
) -> list[Figure]:
    """Of those that have an entry in `goals`, each at half of its own maximum. One without a goal tells what the
    machine itself is up to."""
    halves = {name: median(rounds[name]) / 2 for name in goals}
    cases = {name: partial(_p99, doors[name], halves[name], plan.seconds) for name in goals}
    late = interleaved(cases, plan.rounds)
    told = {name: f"{span(late[name])} at {halves[name]:.0f}/s" for name in goals}
    return [
        Figure(
            f"{name}, p99 at half of its maximum", median(late[name]), goal, "ms", told[name], rounds={name: late[name]}
        )
        for name, goal in goals.items()
    ]


def _rate(door: Posts, count: int, seconds: int, number: int) -> float:
    return door.rate(count, seconds)


def _p99(door: Posts, rate: float, seconds: int, number: int) -> float:
    return door.p99(rate, seconds)
