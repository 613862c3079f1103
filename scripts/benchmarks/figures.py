"""A measured figure beside its goal."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scripts.benchmarks.samples import brief, median, paired, span

Rounds = Mapping[str, Sequence[float]]
"""By what was measured, one value for each round."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Smaller is better unless it is wanted `at_least` so much; without a goal it is only told.

    `unit` is ×, s, ms, MiB or a word; `rounds` is all that the value was made from.
    """

    name: str
    value: float
    goal: float | None
    unit: str
    spread: str = ""
    at_least: bool = False
    rounds: Rounds = field(default_factory=dict)

    @property
    def is_reached(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    @property
    def goal_shown(self) -> str:
        return "" if self.goal is None else f"{'≥' if self.at_least else '≤'} {self.shown(self.goal)}"

    def shown(self, value: float) -> str:
        return f"{brief(value)} {self.unit}"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "is_reached": self.is_reached}


def from_samples(name: str, samples: Sequence[float], goal: float | None, unit: str) -> Figure:
    """The median, with the range."""
    return Figure(name, median(samples), goal, unit, f"{span(samples)}, n={len(samples)}", rounds={name: samples})


def ratio(name: str, rounds: Rounds, ours: str, theirs: str, goal: float | None, *, at_least: bool = True) -> Figure:
    """Of each round's two values that were measured one after the other; the median over the rounds."""
    ratios = paired(rounds[ours], rounds[theirs])
    told = f"{span(ratios)}; {brief(median(rounds[ours]))} to {brief(median(rounds[theirs]))}"
    both = {ours: rounds[ours], theirs: rounds[theirs]}
    return Figure(name, median(ratios), goal, "×", told, at_least, both)
