"""What was asked for, and how long each phase is."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "build" / "torture.json"

RATE = 6.0
"""Orders a second, about half of what two cores manage while processes die and come back; five of them become
predictions, since budgets run dry."""
MODEL = "truefusion-pro"
OUTPUTS = {1: 85, 2: 10, 4: 5}
"""How many outputs are ordered, and in how many of a hundred orders."""
FAULT_SECONDS_OF_TEN_MINUTES = 420.0
LEASE_SECONDS = 5
RETENTION_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Order:
    """`seeds` one after the other, each for `minutes`, with the code of `tree`, as it lies or as it was at `ref`."""

    minutes: float = 2.0
    seeds: tuple[int, ...] = (1,)
    is_resumed: bool = False
    report: Path = REPORT
    tree: Path = ROOT
    ref: str = ""
    keeps_folder: bool = False


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds. `drain` is the longest that everything may take to become final once the faults have ended."""

    quiet: float
    faults: float
    blackout: float
    drain: float

    @classmethod
    def of(cls, minutes: float) -> "Phases":
        faults = FAULT_SECONDS_OF_TEN_MINUTES * minutes / 10
        return cls(
            quiet=min(20.0, 2 * minutes),
            faults=faults,
            blackout=min(40.0, max(10.0, 4 * minutes)),
            drain=min(60.0, 40.0 + 4 * minutes),
        )


def seeds_of(text: str) -> tuple[int, ...]:
    """`7`, `1-5` or `1,3,9-11`. Raises ValueError."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    if not found or len(found) > 1_000:
        raise ValueError("from one seed up to a thousand")
    return tuple(dict.fromkeys(found))
