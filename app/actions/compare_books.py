"""Compare our books with what the provider lists as billed: nobody else notices a purchase that we lost."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import structlog

from app.db import drift, predictions
from app.db.drift import Booked, Comparison
from app.db.engine import Database
from app.domain.budgets import BudgetPolicy
from app.domain.ports import Listed, Providers, Unavailable

EVERY = timedelta(minutes=10)
SETTLING = timedelta(minutes=5)
"""What was created so lately is not compared: one side may not know it yet."""

log = structlog.get_logger()


async def compare_books(
    database: Database,
    providers: Providers,
    policy: BudgetPolicy,
    *,
    every: timedelta = EVERY,
    settling: timedelta = SETTLING,
) -> list[Comparison]:
    """Yesterday and today, unless it was done within `every`. A provider that does not answer is left out."""
    found: list[Comparison] = []
    for name, provider in providers.items():
        async with database.transaction() as tx:
            now, last = await predictions.time(tx), await drift.last_compared(tx, name)
        if last is not None and now - last < every:
            continue
        first = policy.day_of(now) - timedelta(days=1)
        since = datetime.combine(first, datetime.min.time(), tzinfo=policy.timezone)
        try:
            bills = await provider.listed(None, since)
        except Unavailable as trouble:
            log.warning("books not compared", provider=name, reason=str(trouble))
            continue
        found += await _compared(database, _Sides(name, first, now, policy, bills, settling))
    return found


@dataclass(frozen=True, slots=True)
class _Sides:
    """What the provider lists since the day `first`, and by whose calendar days are told apart."""

    provider: str
    first: date
    now: datetime
    policy: BudgetPolicy
    bills: Sequence[Listed]
    settling: timedelta


async def _compared(database: Database, sides: _Sides) -> list[Comparison]:
    async with database.transaction() as tx:
        booked = await drift.booked(tx, sides.provider, sides.first)
        made = _matched(sides, booked)
        await drift.save(tx, made)
    for each in made:
        if each.difference or each.unknown_here:
            log.warning(
                "drift", provider=each.provider, day=str(each.day), ours=str(each.ours), theirs=str(each.theirs)
            )
    return made


def _matched(sides: _Sides, booked: Sequence[Booked]) -> list[Comparison]:
    ours: defaultdict[date, Decimal] = defaultdict(Decimal)
    theirs: defaultdict[date, Decimal] = defaultdict(Decimal)
    strangers: Counter[date] = Counter()
    unseen: Counter[date] = Counter()
    day_of = {each.provider_id: each.day for each in booked if each.provider_id}
    listed = {bill.report.provider_id for bill in sides.bills}
    for bill in sides.bills:
        day = day_of.get(bill.report.provider_id) or _day_of_stranger(sides, bill)
        if day is not None:
            theirs[day] += bill.report.billed or Decimal(0)
            strangers[day] += bill.report.provider_id not in day_of
    for each in booked:
        ours[each.day] += each.captured
        unseen[each.day] += bool(each.captured) and each.provider_id not in listed
    return [
        Comparison(sides.provider, day, ours[day], theirs[day], strangers[day], unseen[day], sides.now)
        for day in drift.days(sides.first, sides.policy.day_of(sides.now))
    ]


def _day_of_stranger(sides: _Sides, bill: Listed) -> date | None:
    """A bill counts on the day of our admission, so that a midnight between the two makes no drift; one that nobody
    here knows on the day of its making, unless it is too fresh to be known."""
    made = bill.created_at or sides.now
    day = sides.policy.day_of(made)
    return None if sides.now - made < sides.settling or day < sides.first else day
