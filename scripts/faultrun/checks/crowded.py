"""What is about time is not judged on a machine that had no time: everything else is."""

from collections.abc import Sequence
from dataclasses import replace

from scripts.faultrun.checks.verdict import Verdict

ABOUT_TIME = ("E13", "E14", "E21", "E22", "E24")
CROWDED = 1.7
"""Seconds that the run's own process waits for a core, for each second on one. Alone on two cores it was 1.3 and 1.4,
beside a type checker and some tests 1.8, beside three processes that did nothing but spin 4.1."""


def unless_crowded(crowding: float, verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [_unmeasured(each, crowding) if _may_be_the_machine(each, crowding) else each for each in verdicts]


def _may_be_the_machine(verdict: Verdict, crowding: float) -> bool:
    return verdict.check in ABOUT_TIME and verdict.outcome == "FAIL" and crowding > CROWDED


def _unmeasured(verdict: Verdict, crowding: float) -> Verdict:
    why = f"{verdict.measured}, on a crowded machine ({crowding:.1f} s of waiting for each second of work)"
    return replace(verdict, measured=why, outcome="not measured")
