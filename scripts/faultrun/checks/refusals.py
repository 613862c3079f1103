"""Creates that were refused for want of money: was there none, by the ledger's entries around that time?"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from scripts.faultrun.budgets import PRICE, SERVICE, Budget
from scripts.faultrun.checks.outages import standstills
from scripts.faultrun.evidence import Evidence
from scripts.faultrun.history import Answer, Story
from scripts.faultrun.windows import Window

AROUND = 2.0
"""Seconds by which an entry, which bears the time of its transaction's begin, may have counted later."""


@dataclass(slots=True)
class Course:
    """What an account had spent in a period, in USD, after each of its entries; times are epoch seconds."""

    times: list[float] = field(default_factory=list)
    sums: list[Decimal] = field(default_factory=list)

    def add(self, at: float, usd: Decimal) -> None:
        self.times.append(at)
        self.sums.append(usd + (self.sums[-1] if self.sums else Decimal(0)))

    def most(self, window: Window) -> Decimal:
        """At the window's begin, or after an entry within it."""
        first, last = bisect_right(self.times, window[0]), bisect_right(self.times, window[1])
        return max(self.sums[max(first - 1, 0) : last], default=Decimal(0))


Courses = Mapping[tuple[str, str], Course]
"""By account and period."""


def refused_with_room(evidence: Evidence) -> list[str]:
    """Wrong is what fitted under every limit, all the time from before it was asked until after it was answered."""
    courses, still = _courses(evidence), standstills(evidence)
    found = []
    for story in evidence.stories:
        limits = _limits(evidence, story.owner)
        for answer in filter(lambda each: each.is_refusal, story.answers):
            window = _around(answer, still)
            if not any(_is_due(story, limit, window, courses) for limit in limits):
                found.append(_told(story, answer, [_spent(limit, window, courses) for limit in limits]))
    return found


def _courses(evidence: Evidence) -> Courses:
    found = defaultdict[tuple[str, str], Course](Course)
    for entry in evidence.entries:
        for account in (entry.account, SERVICE):
            if account in evidence.budgets:
                found[account, evidence.budgets[account].period_of(entry.day)].add(entry.at, entry.spent)
    return found


def _limits(evidence: Evidence, owner: str) -> list[tuple[str, Budget]]:
    accounts = (evidence.accounts.get(owner, ""), SERVICE)
    return [(account, evidence.budgets[account]) for account in accounts if account in evidence.budgets]


def _around(answer: Answer, still: Sequence[Window]) -> Window:
    """Wider where somebody may have stood still in the middle of a transaction."""
    begin, end = answer.asked_at - AROUND, answer.at + AROUND
    return min([begin, *(first - AROUND for first, last in still if first < end and last > begin)]), end


def _is_due(story: Story, limit: tuple[str, Budget], window: Window, courses: Courses) -> bool:
    """Somewhere in the window it was not covered."""
    return _spent(limit, window, courses) + story.outputs * PRICE > limit[1].most


def _spent(limit: tuple[str, Budget], window: Window, courses: Courses) -> Decimal:
    """USD at most; a period that turned over meanwhile counts with the fuller of the two."""
    account, budget = limit
    periods = {budget.period_at(moment) for moment in window}
    return max(courses[account, each].most(window) if (account, each) in courses else Decimal(0) for each in periods)


def _told(story: Story, answer: Answer, spent: Sequence[Decimal]) -> str:
    what = f"{story.key}: {story.owner} was refused {story.outputs * PRICE} at {answer.at:.1f}"
    return f"{what}, when at most {' and '.join(map(str, spent)) or 'nothing that is bounded'} was spent"
