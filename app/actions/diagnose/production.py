"""What a running installation should show before strangers and their money meet it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from app.actions.check_balances import check_balances
from app.actions.diagnose.finding import Finding, bad, ok
from app.actions.held_jobs import list_held_jobs
from app.actions.read_gauges import read_gauges
from app.db import keys
from app.db.engine import Database
from app.db.gauges import Gauges
from app.domain.budgets import BudgetPolicy
from app.domain.caller import Scope

SILENT_WORKER = timedelta(seconds=60)
OVERDUE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Installation:
    """What the database says of it. `scopes` are those of keys that open."""

    gauges: Gauges
    scopes: frozenset[Scope]
    held_jobs: int
    wrong_balances: int


async def inspect(database: Database, policy: BudgetPolicy) -> Installation:
    async with database.transaction() as tx:
        issued = await keys.everyone(tx)
    return Installation(
        gauges=await read_gauges(database, policy),
        scopes=frozenset(scope for key in issued if key.revoked_at is None for scope in key.grant.scopes),
        held_jobs=len(await list_held_jobs(database)),
        wrong_balances=len(await check_balances(database)),
    )


def of_installation(found: Installation) -> Iterator[Finding]:
    yield _keys(found.scopes)
    yield from of_running(found)


def of_running(found: Installation) -> Iterator[Finding]:
    """What may change by the minute."""
    yield _worker(found.gauges)
    yield _work(found)
    yield _books(found)


def _keys(scopes: frozenset[Scope]) -> Finding:
    missing = [scope.value for scope in (Scope.CREATE, Scope.ADMIN) if scope not in scopes]
    if missing:
        cure = f"`darkroom keys create --owner … --scope {missing[0]}`; Prometheus and `/api/costs` need an admin's"
        return bad("keys", f"none with scope {' and none with '.join(missing)}", cure)
    return ok("keys", "to create and to administer")


def _worker(gauges: Gauges) -> Finding:
    silent = gauges.worker_silent
    if silent is None or silent > SILENT_WORKER:
        said = "never seen" if silent is None else f"silent for {silent.total_seconds():.0f} s"
        return bad("worker", said, "Start `darkroom worker`, or set WORKER_IN_WEB=true")
    return ok("worker", f"seen {max(silent.total_seconds(), 0):.0f} s ago")


def _work(found: Installation) -> Finding:
    if found.gauges.overdue > OVERDUE:
        return bad("work", f"overdue by {found.gauges.overdue.total_seconds():.0f} s", "Look at the worker's log")
    if found.held_jobs:
        return bad("work", f"{found.held_jobs} jobs broke and are held", "`darkroom events held`")
    return ok("work", "nothing overdue, nothing held")


def _books(found: Installation) -> Finding:
    drifting = [each for each in found.gauges.drift if each.difference]
    if found.wrong_balances:
        return bad("books", f"{found.wrong_balances} balances differ from the ledger", "`darkroom costs --check`")
    if drifting:
        each = drifting[0]
        return bad(
            "books",
            f"{each.provider} billed {abs(each.difference)} USD {'less' if each.difference > 0 else 'more'}",
            "`darkroom costs --compare`",
        )
    return ok("books", "close, and agree with the providers'")
