"""What accounts hold and have captured, against their limits and against the ledger's own sums."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import asyncpg

from scripts.faultrun.budgets import PRICE, SERVICE, Budget

HAS_MONEY = "SELECT to_regclass('ledger') IS NOT NULL AND to_regclass('balances') IS NOT NULL"
STANDINGS = """WITH summed AS (
    SELECT key_id, day, sum(held) AS held, sum(captured) AS captured,
        sum(held + captured) FILTER (WHERE kind = 'capture' AND note IN ('over the hold', 'late')) AS overruns
    FROM ledger GROUP BY key_id, day),
pending AS (SELECT account, period, sum(held) AS held, sum(captured) AS captured FROM balance_moves GROUP BY 1, 2)
SELECT account, period, balances.held + coalesce(pending.held, 0) AS held,
    balances.captured + coalesce(pending.captured, 0) AS captured, coalesce(sum(summed.held), 0) AS booked_held,
    coalesce(sum(summed.captured), 0) AS booked_captured, coalesce(sum(overruns), 0) AS overruns
FROM balances LEFT JOIN pending USING (account, period)
LEFT JOIN summed ON account IN ('service', 'key:' || key_id)
    AND period IN ('ever', to_char(day, 'YYYY-MM'), to_char(day, 'YYYY-MM-DD'))
GROUP BY account, period, balances.held, balances.captured, pending.held, pending.captured"""
"""In one snapshot, with what has ended and is not folded in yet.

An overrun is what a bill took above its hold, which is nothing after a release."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A balance, and what the ledger's entries of the same account and period add up to. USD."""

    account: str
    period: str
    held: Decimal
    captured: Decimal
    booked_held: Decimal
    booked_captured: Decimal
    overruns: Decimal = Decimal(0)

    @property
    def spent(self) -> Decimal:
        return self.held + self.captured

    @property
    def is_booked(self) -> bool:
        return (self.held, self.captured) == (self.booked_held, self.booked_captured)

    def __str__(self) -> str:
        return (
            f"{self.account} {self.period} stands at {self.held} held and {self.captured} captured, "
            f"by the ledger at {self.booked_held} and {self.booked_captured}"
        )


@dataclass(slots=True)
class Purses:
    """`worst` is the most that was ever spent above a limit, below zero as long as all was well; in USD."""

    samples: int = 0
    """In which some limit was looked at."""
    worst: Decimal | None = None
    over: list[str] = field(default_factory=list)
    """Each time an account was further above its limit than before."""
    unbooked: list[str] = field(default_factory=list)
    dry: set[str] = field(default_factory=set)
    """Accounts whose rest did not cover the cheapest order."""
    _peaks: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def see(self, standings: Iterable[Standing], budgets: Mapping[str, Budget], at: float) -> None:
        """`budgets` are by account."""
        bounded = 0
        for each in standings:
            if not each.is_booked:
                self.unbooked.append(f"{each} at {at:.1f}")
            budget = budgets.get(each.account)
            if budget is not None and budget.bounds(each.period):
                self._compare(each, budget.most, at)
                bounded += 1
        self.samples += bounded > 0

    def _compare(self, standing: Standing, most: Decimal, at: float) -> None:
        excess, name = standing.spent - standing.overruns - most, (standing.account, standing.period)
        self.worst = excess if self.worst is None else max(self.worst, excess)
        if excess > self._peaks.get(name, 0):
            self._peaks[name] = excess
            self.over.append(
                f"{standing.account} {standing.period} is {excess} over its {most} at {at:.1f}: {standing}"
            )
        if standing.spent + PRICE > most and standing.account != SERVICE:
            self.dry.add(standing.account)


async def standings(connection: asyncpg.Connection) -> list[Standing]:
    return [Standing(*row.values()) for row in await connection.fetch(STANDINGS, timeout=5)]
