"""A measured figure beside its goal."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """Smaller is better. `unit` is s, ms or MiB."""

    name: str
    value: float
    goal: float
    unit: str
    spread: str = ""

    @property
    def is_reached(self) -> bool:
        return self.value <= self.goal

    def shown(self, value: float) -> str:
        return f"{value:.3g} {self.unit}" if value < 100 else f"{value:.0f} {self.unit}"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "is_reached": self.is_reached}


def from_samples(name: str, samples: list[float], goal: float, unit: str) -> Figure:
    """The median, with the range."""
    ordered = sorted(samples)
    low, middle, high = ordered[0], ordered[len(ordered) // 2], ordered[-1]
    return Figure(name, middle, goal, unit, f"{low:.3g}–{high:.3g}, n={len(ordered)}")
