"""Who may spend how much in a run: three owners run dry half way, the service has more than it can spend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from scripts.emulator.models import CATALOGUE
from scripts.faultrun.order import MODEL, OUTPUTS, RATE, Phases

PRICE = Decimal(str(CATALOGUE[MODEL].price))
"""USD of one output, which is also the cheapest order."""
MEAN_OUTPUTS = sum(count * share for count, share in OUTPUTS.items()) / sum(OUTPUTS.values())
SERVICE = "service"
SERVICE_DAILY = Decimal(10_000)
CENT = Decimal("0.01")

Kind = Literal["daily", "monthly", "total"]
LENGTHS: Mapping[Kind, int] = {"daily": len("2026-11-21"), "monthly": len("2026-11"), "total": len("ever")}
"""Of the names that the product gives its periods."""


@dataclass(frozen=True, slots=True)
class Budget:
    """USD that an account may hold and have captured in a day, in a month, or ever."""

    kind: Kind
    most: Decimal

    @property
    def words(self) -> tuple[str, str]:
        """For `darkroom keys create`."""
        return f"--{self.kind}-budget", str(self.most)

    def bounds(self, period: str) -> bool:
        """Whether a balance of this period is one that it bounds: `2026-11-21`, `2026-11` or `ever`."""
        return len(period) == LENGTHS[self.kind]

    def period_of(self, day: str) -> str:
        """Of a day like `2026-11-21`."""
        return "ever" if self.kind == "total" else day[: LENGTHS[self.kind]]

    def period_at(self, moment: float) -> str:
        """By UTC, which is the service's own calendar as long as nobody sets another."""
        return self.period_of(datetime.fromtimestamp(moment, UTC).date().isoformat())


def dry_budgets(owners: Sequence[str], phases: Phases) -> Mapping[str, Budget]:
    """The first owners', one of each kind, for what each of them orders until half way."""
    orders = RATE / len(owners) * (phases.quiet + phases.faults) / 2
    most = (Decimal(orders * MEAN_OUTPUTS) * PRICE).quantize(CENT)
    return {owner: Budget(kind, most) for owner, kind in zip(owners, LENGTHS, strict=False)}
