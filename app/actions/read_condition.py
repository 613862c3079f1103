"""How the service is: what has to read zero, with its cure where it does not, and the doctor's findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from app.actions.check_balances import check_balances
from app.actions.diagnose import database as database_checks
from app.actions.diagnose.endpoints import ENDPOINTS, check_endpoints
from app.actions.diagnose.finding import Finding, bad, looked_at, ok
from app.actions.diagnose.production import Installation, of_running
from app.actions.disk_space import Space
from app.actions.held_jobs import list_held_jobs
from app.actions.read_gauges import read_gauges
from app.db.engine import Database
from app.db.gauges import Gauges
from app.domain.budgets import BudgetPolicy
from app.storage.errors import StorageUnavailable

LATE = timedelta(seconds=10)
"""Work that is due is taken within a second or two; what is under this is only in line."""


@dataclass(frozen=True, slots=True)
class Zero:
    """`value` is None where it was not looked at."""

    name: str
    value: float | None
    unit: str
    said: str
    cure: str


@dataclass(frozen=True, slots=True)
class Condition:
    gauges: Gauges
    zeros: Sequence[Zero]
    outputs_urgent: int
    findings: Sequence[Finding] | None = None


async def read_condition(database: Database, space: Space, policy: BudgetPolicy) -> Condition:
    """From indexes and tallies alone, so that it may be asked every few seconds."""
    return await _condition(database, policy, wrong_balances=None)


async def examine_condition(database: Database, space: Space, policy: BudgetPolicy) -> Condition:
    """With the balances, for whose sake the ledger stands still for a moment, and what the doctor finds quickly."""
    found = await _condition(database, policy, wrong_balances=len(await check_balances(database)))
    return replace(found, findings=await _findings(database, space, found))


async def _condition(database: Database, policy: BudgetPolicy, *, wrong_balances: int | None) -> Condition:
    gauges = await read_gauges(database, policy)
    held = len(await list_held_jobs(database))
    zeros = [*_losses(gauges), *_work(gauges, held), *_books(gauges, wrong_balances)]
    return Condition(gauges, zeros, outputs_urgent=_count(gauges, "outputs_urgent"))


async def _findings(database: Database, space: Space, found: Condition) -> list[Finding]:
    installation = Installation(
        gauges=found.gauges,
        scopes=frozenset(),
        held_jobs=int(_value(found, "held_jobs")),
        wrong_balances=int(_value(found, "wrong_balances")),
    )
    return [
        await looked_at(database_checks.DATABASE, database_checks.check_database(database)),
        await looked_at(database_checks.MIGRATIONS, database_checks.check_migrations(database)),
        await looked_at(database_checks.CLOCK, database_checks.check_clock(database)),
        await looked_at(database_checks.NOTIFICATIONS, database_checks.check_notifications(database)),
        await looked_at(ENDPOINTS, check_endpoints(database)),
        await looked_at("storage", _storage(space)),
        *of_running(installation),
    ]


async def _storage(space: Space) -> Finding:
    try:
        free = await space.free_bytes()
    except StorageUnavailable as trouble:
        return bad("storage", f"not writable ({trouble.reason})", "Look at DARKROOM_DATA, or at the bucket and its key")
    if free is None:
        return ok("storage", "writable")
    if space.is_low(free):
        return bad("storage", f"{free / 1e9:.1f} GB free", "Make room, or lower DISK_RESERVE_MB")
    return ok("storage", f"writable, {free / 1e9:.1f} GB free")


def _losses(gauges: Gauges) -> Iterator[Zero]:
    lost, unsure = _count(gauges, "outputs_lost"), _failed_with(gauges, "purchase_unknown")
    yield Zero("outputs_lost", lost, "", "Outputs paid for and lost", "`darkroom receipt` of the failed ones says when")
    told = "Purchases we are unsure of"
    yield Zero("purchases_unknown", unsure, "", told, "`darkroom events reopen ID` looks at the provider once more")


def _work(gauges: Gauges, held: int) -> Iterator[Zero]:
    late = gauges.overdue.total_seconds() if gauges.overdue > LATE else 0
    yield Zero("overdue", round(late), "s", "Work overdue", "Start `darkroom worker`, or look at its log")
    yield Zero("held_jobs", held, "", "Jobs that broke and are held", "`darkroom events held`, then `… release`")
    orphans, aside = gauges.deliveries_pending, _verdicts(gauges, "set_aside")
    yield Zero("orphans", orphans, "", "Deliveries of unknown predictions", "Attach or leave them, under Events")
    yield Zero("set_aside", aside, "", "Deliveries that broke us", "Replay them, under Events; tell us why they broke")


def _books(gauges: Gauges, wrong_balances: int | None) -> Iterator[Zero]:
    drift = sum((abs(each.difference) for each in gauges.drift), Decimal(0))
    told = "Drift from the providers' books"
    yield Zero("drift", float(drift), "USD", told, "`darkroom costs --compare` names the days")
    yield Zero(
        "wrong_balances", wrong_balances, "", "Balances that do not close", "`darkroom costs --check` names them"
    )


def _value(found: Condition, name: str) -> float:
    return next((zero.value or 0 for zero in found.zeros if zero.name == name), 0)


def _count(gauges: Gauges, name: str) -> int:
    return sum(series.count for (own, _), series in gauges.tallies.items() if own == name)


def _failed_with(gauges: Gauges, code: str) -> int:
    tallied = gauges.tallies.items()
    return sum(series.count for (name, labels), series in tallied if name == "predictions" and labels[-1:] == (code,))


def _verdicts(gauges: Gauges, verdict: str) -> int:
    found = gauges.tallies.get(("deliveries", (verdict,)))
    return 0 if found is None else found.count
