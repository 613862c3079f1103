"""The ledger: append-only, one entry for every change of what a prediction holds or has cost.

`post` adds the entries of a change, and what they move in the balances, to what is written with the change itself.
Entries come before balances everywhere: `balances.open_missing` relies on that order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from sqlalchemy import select

from app.db import balances
from app.db.balances import Standing
from app.db.engine import Transaction
from app.db.tables import ledger
from app.db.writes import Writes
from app.domain.budgets import Balance, balances_of
from app.domain.money import Entry, Remark, entries
from app.domain.prediction import Prediction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry as the receipt shows it."""

    at: datetime
    kind: str
    held: Decimal
    captured: Decimal
    note: str | None


def holds(new: Sequence[Prediction]) -> list[dict[str, object]]:
    """The entries of new predictions, yet to be written (`writes`)."""
    return [_row(each, entry) for each in new if each.budget_day for entry in entries(None, each)]


async def hold(tx: Transaction, new: Sequence[Prediction]) -> dict[Balance, Standing]:
    """Of predictions that one caller creates at one time, their entries being written: the balances they count in, with
    these holds."""
    first = new[0]
    if first.budget_day is None:
        return {}
    held = sum((each.held for each in new), Decimal(0))
    return await balances.hold(tx, balances_of(first.key_id, first.budget_day), held)


def post(into: Writes, before: Prediction, after: Prediction) -> None:
    """Nothing where no money moved."""
    found = entries(before, after)
    if not found or after.budget_day is None:
        return
    into.ledger.extend(_row(after, entry) for entry in found)
    for entry in found:
        into.moves.extend(balances.moved(balances_of(after.key_id, after.budget_day), entry.held, entry.captured))
    _tell_odd(before, after, found)


def _row(prediction: Prediction, entry: Entry) -> dict[str, object]:
    return {
        "day": prediction.budget_day,
        "prediction_id": prediction.id,
        "owner": prediction.owner,
        "key_id": prediction.key_id,
        "provider": prediction.provider,
        "model": prediction.model,
        "kind": entry.kind.value,
        "held": entry.held,
        "captured": entry.captured,
        "note": entry.remark and entry.remark.value,
    }


def _tell_odd(before: Prediction, after: Prediction, found: list[Entry]) -> None:
    for entry in found:
        if entry.remark in (Remark.OVER_THE_HOLD, Remark.ESTIMATED):
            log.warning(
                "odd bill",
                prediction_id=str(after.id),
                what=entry.remark.value,
                held=str(before.held),
                captured=str(entry.captured),
            )


async def of_prediction(tx: Transaction, prediction_id: UUID) -> list[Posted]:
    """Oldest first."""
    names = ("at", "kind", "held", "captured", "note")
    query = select(*(ledger.c[name] for name in names)).where(ledger.c.prediction_id == prediction_id)
    return [Posted(**row) for row in (await tx.execute(query.order_by(ledger.c.id))).mappings()]
