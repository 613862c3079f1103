"""The end of an attempt: what it found out, saved only while it still holds the work."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from app.actions.apply_report import log_generation
from app.db import exchanges, journal, predictions, tallies
from app.db.engine import Database, Transaction
from app.db.journal import Kind
from app.db.owed import Claim
from app.db.predictions import LeaseLost
from app.db.tallies import Tally
from app.domain import failures
from app.domain.events import Event, Refused
from app.domain.lifecycle import advance
from app.domain.ports import Provider
from app.domain.prediction import Prediction
from app.watch.exchanges import Exchange


@dataclass(frozen=True, slots=True)
class Told:
    """A line for the journal."""

    kind: Kind
    detail: dict[str, Any] = field(default_factory=dict)


async def conclude(
    database: Database,
    provider: Provider,
    claim: Claim,
    event: Event,
    notes: Sequence[Told] = (),
    *,
    counted: Sequence[Tally] = (),
    said: Sequence[Exchange] = (),
) -> Prediction | None:
    """The prediction as saved; None if the work went to somebody else or is done, and nothing was changed."""
    with suppress(LeaseLost):
        async with database.transaction() as tx:
            before = await predictions.lock(tx, claim.prediction.id, token=claim.token)
            if before is None:
                return None
            after = advance(before, event, await predictions.time(tx), provider.terms)
            await predictions.save(tx, before, after, token=claim.token)
            tell_fall_back(tx, before, after, event)
            for note in notes:
                journal.note(tx, before.id, note.kind, **note.detail)
            tallies.add(tx, *counted)
            await exchanges.keep(tx, before.id, said)
        log_generation(before, after)
        return after
    return None


def tell_fall_back(tx: Transaction, before: Prediction, after: Prediction, event: Event) -> None:
    """The receipt's line, where the change was one of who makes it."""
    one, other = (before.provider, before.model), (after.provider, after.model)
    if one != other:
        why = event.failure.code if isinstance(event, Refused) else failures.UNREACHABLE.code
        told = {"from": dict(zip(_WHO, one, strict=True)), "to": dict(zip(_WHO, other, strict=True))}
        journal.note(tx, after.id, "fell_back", **told, why=why.value)


_WHO = ("provider", "model")
