"""The table for people, and the JSON for everybody else."""

import json
import os
import platform
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from scripts.faultrun.builds import Build
from scripts.faultrun.checks import Verdict
from scripts.faultrun.evidence import Evidence, Moment, Row
from scripts.faultrun.journals import named

COLOURS = {"pass": "green", "FAIL": "bold red", "not measured": "yellow"}
CASES_SHOWN = 5
CASE_WIDTH = 400
AROUND = 3.0
"""Seconds before and after a prediction's life in which a strike may have mattered."""
MOST_MOMENTS = 40
"""Of its journal, and of the strikes."""


def is_clean(verdicts: Sequence[Verdict]) -> bool:
    return all(verdict.outcome != "FAIL" for verdict in verdicts)


def show(title: str, verdicts: Sequence[Verdict]) -> None:
    table = Table("check", "what", "measured", "must be", "verdict", title=title, title_justify="left")
    for each in verdicts:
        table.add_row(each.check, each.what, each.measured, each.must_be, f"[{COLOURS[each.outcome]}]{each.outcome}[/]")
    console = Console(width=None if os.isatty(1) else 150)
    console.print(table)
    for each in verdicts:
        if each.outcome == "FAIL":
            console.print(f"{each.check}  {each.what}", style="red", markup=False)
            for case in each.cases[:CASES_SHOWN]:
                console.print(f"    {case[:CASE_WIDTH]}", markup=False, highlight=False)
            if len(each.cases) > CASES_SHOWN:
                console.print("    … more of them in the report")


def entry(evidence: Evidence, verdicts: Sequence[Verdict], build: Build, seconds: float) -> dict[str, Any]:
    """One run as JSON."""
    return {
        "kind": "run",
        "seed": evidence.seed,
        "minutes": evidence.minutes,
        "is_clean": is_clean(verdicts),
        "build": {"commit": build.commit, "fingerprint": build.fingerprint},
        "machine": machine(),
        "seconds": {
            "whole": round(seconds, 1),
            "faults": round(evidence.faults_ended - evidence.faults_began, 1),
            "drained_after": evidence.drained_after,
            "own_cpu": round(time.process_time(), 1),
            "children_cpu": round(sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]), 1),
            "own_lag_p95": round(evidence.lag_p95, 3),
            "crowding": round(evidence.crowding, 2),
            "load": round(os.getloadavg()[0], 1),
        },
        "counts": _counts(evidence),
        "checks": [_check(each, evidence) for each in verdicts],
        "strikes": [
            [round(each.began - evidence.faults_began, 2), each.strike.kind, each.strike.target, each.strike.how,
             round(each.ended - each.began, 2), each.note]
            for each in evidence.dealt
        ],
    }  # fmt: skip


def _counts(evidence: Evidence) -> dict[str, Any]:
    return {
        "orders": len(evidence.stories),
        "orders_skipped": evidence.skipped,
        "created": sum(story.is_created for story in evidence.stories),
        "sold": len(evidence.sold),
        "ended": dict(Counter(f"{row.status} {row.failure or ''}".strip() for row in evidence.rows)),
        "files": len(evidence.files),
        "answers": sum(len(story.answers) for story in evidence.stories),
        "deliveries": dict(Counter(str(each.status) for each in evidence.heard)),
        "forged": len(evidence.forged),
        "hostile_webhooks": len(evidence.hostile),
        "lured": len(evidence.lured),
        "silent": len(evidence.dropped),
        "samples": evidence.samples,
        "takeovers": evidence.takeovers,
        "strikes": dict(Counter(each.strike.kind for each in evidence.dealt)),
        "surprises": len(evidence.surprises),
        "money": _money(evidence),
    }


def _money(evidence: Evidence) -> dict[str, Any]:
    """USD as text, so that no digit is lost."""
    notes = Counter(entry.note for entry in evidence.entries if entry.note)
    owners = {account: owner for owner, account in evidence.accounts.items()}
    return {
        "budget_refusals": sum(each.is_refusal for story in evidence.stories for each in story.answers),
        "orders_refused": sum(story.is_refused for story in evidence.stories),
        "captured": str(sum((entry.captured for entry in evidence.entries), Decimal(0))),
        "estimated": notes["estimated"],
        "late": notes["late"],
        "over_the_hold": notes["over the hold"],
        "budgets": {owners.get(name, name): str(budget.most) for name, budget in evidence.budgets.items()},
        "ran_dry": sorted(owners.get(account, account) for account in evidence.purses.dry),
        "samples": evidence.purses.samples,
    }


def _check(each: Verdict, evidence: Evidence) -> dict[str, Any]:
    said: dict[str, Any] = {
        "check": each.check,
        "what": each.what,
        "measured": each.measured,
        "must_be": each.must_be,
        "outcome": each.outcome,
    }
    if each.cases:
        said["cases"] = each.cases
        said["around"] = _around(each, evidence)
    return said


def _around(each: Verdict, evidence: Evidence) -> dict[str, list[str]]:
    """The lives of the predictions that the cases name, and the strikes dealt meanwhile, as one story each."""
    return {row.id: _story(row, evidence) for row in named([each], evidence)}


def _story(row: Row, evidence: Evidence) -> list[str]:
    """In order of time, seconds from its creation on."""
    end = row.completed_at or evidence.faults_ended
    struck = [
        Moment(each.began, f"{each.strike.how} {each.strike.target} for {each.ended - each.began:.2f} s")
        for each in evidence.dealt
        if each.began < end + AROUND and each.ended > row.created_at - AROUND
    ]
    booked = [
        Moment(entry.at, f"ledger: {entry.kind} held {entry.held:+f} captured {entry.captured:+f} {entry.note or ''}")
        for entry in evidence.entries
        if entry.prediction_id == row.id
    ]
    own = sorted([*evidence.journals.get(row.id, []), *booked], key=lambda moment: moment.at)
    told = sorted([*_ends(struck), *_ends(own)], key=lambda moment: moment.at)
    return [f"{moment.at - row.created_at:+.2f} s: {moment.what}".rstrip() for moment in told]


def _ends(moments: list[Moment]) -> list[Moment]:
    """At most MOST_MOMENTS, of which the first and the last tell most."""
    if len(moments) <= MOST_MOMENTS:
        return moments
    half = MOST_MOMENTS // 2
    gap = Moment(moments[half].at, f"… {len(moments) - MOST_MOMENTS + 1} more")
    return [*moments[:half], gap, *moments[half - MOST_MOMENTS + 1 :]]


def machine() -> dict[str, Any]:
    packages = ("asyncpg", "httpx", "pgqueuer", "sqlalchemy", "starlette", "uvicorn", "uvloop")
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count(),
        "packages": {name: version(name) for name in packages},
    }


def read(path: Path) -> list[dict[str, Any]]:
    """Earlier entries; none where there is no readable report."""
    try:
        return list(json.loads(path.read_text())["runs"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def append(path: Path, new: dict[str, Any], *, keep: bool) -> None:
    """As a whole or not at all. What was there stays only if `keep`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    runs = [*(read(path) if keep else []), new]
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, suffix=".json") as file:
        json.dump({"runs": runs}, file, indent=1, default=str)
    Path(file.name).replace(path)
