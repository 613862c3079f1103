"""E5–E7: our books are the provider's to the last digit, no budget was overdrawn, nothing stays held."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from scripts.faultrun.checks.refusals import refused_with_room
from scripts.faultrun.checks.verdict import Verdict, not_measured, verdict
from scripts.faultrun.evidence import Evidence, Row
from scripts.faultrun.history import FINAL

NOTHING = Decimal(0)
NOBODY = "(nobody)"
BOOKS = ("E5", "Σ captured − Σ used there, in all; for one owner", "0.000000; 0.000000")
BUDGETS = ("E6", "most of captured + held − overruns − limit", "≤ 0")
HOLDS = ("E7", "holds left; creates refused with money left", "0; 0")


def money(evidence: Evidence) -> list[Verdict]:
    if not evidence.has_ledger:
        return [not_measured(*what, "the build has no ledger") for what in (BOOKS, BUDGETS, HOLDS)]
    return [books_agree(evidence), budgets_hold(evidence), nothing_stays_held(evidence)]


def books_agree(evidence: Evidence) -> Verdict:
    if not evidence.sold:
        return not_measured(*BOOKS, "the emulator sold nothing")
    check, what, must = BOOKS
    apart = _apart_by_owner(evidence)
    cases = [*_misbooked(evidence), *(f"{owner}: {usd:+.6f} USD" for owner, usd in apart.items() if usd)]
    worst = max(apart.values(), key=abs)
    measured = f"{sum(apart.values()):.6f}; {worst:.6f} ({len(evidence.sold)} sold, {len(apart)} owners)"
    return verdict(check, what, cases, must, among=measured, holds=not cases)


def _apart_by_owner(evidence: Evidence) -> dict[str, Decimal]:
    """USD that we captured and the provider never used; below zero the other way round."""
    rows, apart = _bound(evidence), defaultdict[str, Decimal](Decimal)
    for entry in evidence.entries:
        apart[entry.owner] += entry.captured
    for sold in evidence.sold:
        row = rows.get(sold.id)
        apart[row.owner if row else NOBODY] -= sold.credits or NOTHING
    return apart


def _misbooked(evidence: Evidence) -> Iterator[str]:
    """By prediction, since two wrongs could make a right sum."""
    rows, captured, times = _bound(evidence), defaultdict[str, Decimal](Decimal), Counter[str]()
    for entry in evidence.entries:
        captured[entry.prediction_id] += entry.captured
        times[entry.prediction_id] += entry.kind == "capture"
    for sold in evidence.sold:
        row, used = rows.get(sold.id), sold.credits or NOTHING
        if row is None and used:
            yield f"{sold.id} ({sold.status}) used {used} and belongs to no row"
        elif row is not None and captured[row.id] != used:
            yield f"{row.id} ({row.status}) captured {captured[row.id]}, and {sold.id} ({sold.status}) used {used}"
    bought = {row.id for row in rows.values()}
    yield from (
        f"{name} captured {usd} and was never sold" for name, usd in captured.items() if usd and name not in bought
    )
    yield from (f"{name} was captured {count} times" for name, count in times.items() if count > 1)


def _bound(evidence: Evidence) -> dict[str, Row]:
    """By the provider's id: whose purchase it is, by our token where we never learned of it."""
    rows = {row.provider_id: row for row in evidence.rows if row.provider_id}
    unbound = {row.token: row for row in evidence.rows if row.provider_id is None}
    found = {sold.id: rows.get(sold.id) or unbound.get(sold.token or "") for sold in evidence.sold}
    return {name: row for name, row in found.items() if row is not None}


def budgets_hold(evidence: Evidence) -> Verdict:
    check, what, must = BUDGETS
    purses, owners = evidence.purses, {account: owner for owner, account in evidence.accounts.items()}
    dry = sorted(owners.get(account, account) for account in purses.dry)
    if not purses.over and (purses.worst is None or not dry):
        return not_measured(check, what, must, f"no account ran dry in {purses.samples} samples")
    measured = f"{purses.worst:+.6f} in {purses.samples} samples, dry: {', '.join(dry) or 'nobody'}"
    return verdict(check, what, purses.over, must, among=measured, holds=not purses.over)


def nothing_stays_held(evidence: Evidence) -> Verdict:
    check, what, must = HOLDS
    left, wrong = list(_left(evidence)), refused_with_room(evidence)
    refusals = sum(answer.is_refusal for story in evidence.stories for answer in story.answers)
    measured = f"{len(left)} of {len(evidence.rows)}; {len(wrong)} of {refusals}"
    return verdict(check, what, [*left, *wrong], must, among=measured, holds=not left and not wrong)


def _left(evidence: Evidence) -> Iterator[str]:
    """Holds, and sums that would hide one."""
    booked = defaultdict[str, Decimal](Decimal)
    for entry in evidence.entries:
        booked[entry.prediction_id] += entry.held
    for row in evidence.rows:
        if row.status in FINAL and row.held:
            yield f"{row.id} is {row.status} and holds {row.held}"
        elif row.held != booked[row.id]:
            yield f"{row.id} ({row.status}) holds {row.held}, by the ledger {booked[row.id]}"
    for standing in evidence.standings:
        if standing.held:
            yield f"{standing.account} {standing.period} holds {standing.held} at the end"
        if not standing.is_booked:
            yield f"at the end {standing}"
    yield from evidence.purses.unbooked
