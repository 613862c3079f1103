"""E5–E7 need a ledger of ours, which this release has not."""

from scripts.faultrun.checks.verdict import Verdict, not_measured, not_yet
from scripts.faultrun.evidence import Evidence

MONEY = {
    "E5": ("Σ ledger − Σ emulator's ledger", "0.000000"),
    "E6": ("most of captured + held − limit", "≤ 0"),
    "E7": ("holds left; creates refused with money left", "0; 0"),
}


def money(evidence: Evidence) -> list[Verdict]:
    """Never a pass: a ledger that appears must bring its checks along."""
    if evidence.has_ledger:
        why = "a ledger table exists now, and nobody has taught the run to read it"
        return [not_measured(check, what, must, why) for check, (what, must) in MONEY.items()]
    return [not_yet(check, what, must, "no ledger table") for check, (what, must) in MONEY.items()]
