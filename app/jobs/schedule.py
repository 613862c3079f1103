"""Recurring work, in one place: what, and how often. Every worker runs it; each step may run in several at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from app.actions.apply_waiting import apply_recent, apply_waiting
from app.actions.check_balances import fold_balances
from app.actions.compare_books import compare_books
from app.actions.judge_endpoints import judge_endpoints
from app.actions.retain import (
    forget_old_deliveries,
    forget_old_exchanges,
    forget_old_notices,
    forget_old_predictions,
    forget_unused_uploads,
)
from app.actions.sweep_orphans import sweep_orphans
from app.actions.tell_alerts import tell_alerts
from app.actions.upkeep import (
    call_turns,
    clear_leftovers,
    fold_tallies,
    forget_ended_windows,
    remove_deleted,
    wake_due_work,
)
from app.domain.errors import TemporarilyUnavailable
from app.jobs.handlers import Workshop
from app.storage.errors import StorageUnavailable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chore:
    name: str
    every_seconds: float
    do: Callable[[], Awaitable[object]]


def chores(shop: Workshop) -> list[Chore]:
    database, blobs, age = shop.database, shop.collecting.blobs, shop.orphan_age_seconds
    return [
        Chore("wake due work", 0.5, lambda: wake_due_work(database)),
        Chore("call turns", 0.25, lambda: call_turns(database, shop.providers)),
        Chore("apply recent deliveries", 0.2, lambda: apply_recent(database, shop.providers)),
        Chore("apply waiting deliveries", 5, lambda: apply_waiting(database, shop.providers)),
        Chore("fold tallies", 10, lambda: fold_tallies(database)),
        Chore("fold balances", 2, lambda: fold_balances(database)),
        Chore("compare books", 60, lambda: compare_books(database, shop.providers, shop.budgets)),
        Chore("tell alerts", 10, lambda: tell_alerts(database, shop.collecting.http, shop.alert_url)),
        Chore("judge endpoints", 60, lambda: judge_endpoints(database, shop.patience)),
        Chore("remove deleted blobs", 30, lambda: remove_deleted(database, blobs)),
        Chore("clear leftovers", 60, lambda: clear_leftovers(database, blobs)),
        Chore("forget ended windows", 60, lambda: forget_ended_windows(database)),
        Chore("forget old predictions", 600, lambda: forget_old_predictions(database, blobs, shop.retention)),
        Chore("forget old deliveries", 600, lambda: forget_old_deliveries(database, shop.retention)),
        Chore("forget old exchanges", 600, lambda: forget_old_exchanges(database, shop.retention)),
        Chore("forget old notices", 600, lambda: forget_old_notices(database, shop.retention)),
        Chore("forget unused uploads", 60, lambda: forget_unused_uploads(database, blobs, shop.retention)),
        Chore("remove orphans", shop.orphan_sweep_seconds, lambda: sweep_orphans(database, blobs, older_than=age)),
    ]


async def run_for_ever(chore: Chore) -> None:
    """A chore that fails is told and tried again at its next time."""
    while True:
        try:
            await chore.do()
        except (TemporarilyUnavailable, StorageUnavailable) as trouble:
            log.warning("chore put off", chore=chore.name, reason=trouble.code)
        except Exception as error:
            log.error("chore failed", chore=chore.name, exc_info=error)
        await asyncio.sleep(chore.every_seconds)
