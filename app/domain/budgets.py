"""Budgets: which accounts a prediction draws on, for which periods, and when those begin anew.

An account is `service` or `key:<id>`; a period is a day (`2026-11-21`), a month (`2026-11`) or `ever`, by the calendar
of BUDGET_TIMEZONE. A prediction stays in the periods of its admission, however late its bill comes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.caller import Caller

SERVICE = "service"
EVER = "ever"
ALERT_PERCENTS = (50, 80, 100)


@dataclass(frozen=True, slots=True)
class BudgetPolicy:
    """`daily` is the whole service's, None without bound. `ceiling` stands for a price that nobody knows."""

    daily: Decimal | None = None
    ceiling: Decimal | None = None
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def day_of(self, now: datetime) -> date:
        return now.astimezone(self.timezone).date()


@dataclass(frozen=True, slots=True, order=True)
class Balance:
    """What names one, in the order in which they are locked."""

    account: str
    period: str


@dataclass(frozen=True, slots=True)
class Limit:
    """`resets_at` is None for what never begins anew."""

    balance: Balance
    most: Decimal
    what: str
    resets_at: datetime | None


def account_of(key_id: UUID) -> str:
    return f"key:{key_id}"


def balances_of(key_id: UUID | None, day: date) -> list[Balance]:
    """All that a prediction of this key and day may count in."""
    found = [Balance(SERVICE, day.isoformat())]
    if key_id is not None:
        account = account_of(key_id)
        found += [Balance(account, period) for period in (day.isoformat(), f"{day:%Y-%m}", EVER)]
    return sorted(found)


def limits_of(caller: Caller, policy: BudgetPolicy, day: date) -> list[Limit]:
    """What bounds a create of this caller on this day."""
    tomorrow, next_month = day + timedelta(days=1), (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    found = [(SERVICE, day.isoformat(), policy.daily, "The service's budget for today", tomorrow)]
    if caller.key_id is not None:
        account, own = account_of(caller.key_id), caller.budgets
        found += [
            (account, day.isoformat(), own.daily, "This key's budget for today", tomorrow),
            (account, f"{day:%Y-%m}", own.monthly, "This key's budget for the month", next_month),
        ]
    limits = [
        Limit(Balance(account, period), most, what, _midnight(until, policy.timezone))
        for account, period, most, what, until in found
        if most is not None
    ]
    if caller.key_id is not None and caller.budgets.total is not None:
        ever = Balance(account_of(caller.key_id), EVER)
        limits.append(Limit(ever, caller.budgets.total, "This key's whole budget", None))
    return limits


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone)
