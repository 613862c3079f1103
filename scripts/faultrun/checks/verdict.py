"""What a check says: what was measured, what must be, and enough to find each case again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["pass", "FAIL", "not measured"]
MOST_CASES = 25


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_grave`: something was lost, bought twice, overspent, stuck or false, so the run exits with 1."""

    check: str
    what: str
    measured: str
    must_be: str
    outcome: Outcome
    cases: list[str] = field(default_factory=list)


def verdict(
    check: str, what: str, cases: Iterable[str], must_be: str, *, among: str, holds: bool | None = None
) -> Verdict:
    """Fails where there are cases, or where `holds` says so. `among` is how much was looked at."""
    found = list(cases)
    is_good = not found if holds is None else holds
    measured = f"{len(found)} of {among}" if holds is None else among
    return Verdict(check, what, measured, must_be, "pass" if is_good else "FAIL", found[:MOST_CASES])


def not_measured(check: str, what: str, must_be: str, why: str) -> Verdict:
    return Verdict(check, what, why, must_be, "not measured")
