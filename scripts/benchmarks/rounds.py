"""How long and how often, and in which order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """`seconds` is how long each measurement of a round lasts, `rows` how many predictions the grown database has."""

    rounds: int = 5
    seconds: int = 5
    rows: int = 1_000_000
    is_quick: bool = False

    def of(self, full: int, quick: int) -> int:
        return quick if self.is_quick else full


QUICK = Plan(rounds=3, seconds=2, rows=20_000, is_quick=True)


def interleaved(cases: Mapping[str, Callable[[int], float]], rounds: int) -> dict[str, list[float]]:
    """Each case once a round, A B C, then C B A: what drifts or lies in the order hits all alike."""
    measured: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds):
        names = list(cases)
        for name in names if number % 2 == 0 else reversed(names):
            measured[name].append(cases[name](number))
    return measured
