"""Reconcile: ask the provider for what its webhook has not told, and look for creates whose reply was lost."""

import random
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from uuid import UUID

from app.actions.adopt import adopt
from app.actions.conclude import Told, conclude
from app.actions.discard import discard
from app.actions.fetch_output import Collecting
from app.actions.hear import hear
from app.actions.keep_inline import keep_inline
from app.actions.lease import lease_extended
from app.actions.shared_lists import SharedLists
from app.db import exchanges, journal, owed, pauses
from app.db.engine import Database, Transaction
from app.db.owed import Claim
from app.domain import failures
from app.domain.events import Event, GaveUp, Looked, NeverArrived, PutOff
from app.domain.ports import NotKnown, Provider, Providers, Unavailable
from app.domain.prediction import Prediction
from app.domain.report import ProviderState, Report
from app.domain.work import WorkKind
from app.watch.exchanges import Exchange, recorded

NOT_KNOWN = "not known there"
UNKNOWN_IN_A_ROW = 6
"""A provider may need a moment before it knows its own new prediction, and may not find an old one for a moment; one
that so many looks in a row did not find is lost there."""
SPREAD_SECONDS = 2.0
"""After a pause for everybody, everybody comes back over so long a time."""


PATIENCE_WITH_SILENCE = timedelta(minutes=10)
"""Past the deadline only a look that was answered gives up; one that was not proves nothing, for so long."""
WITHOUT_STORAGE = timedelta(seconds=10)
"""After so long an output that came in an answer is asked for again, which storage did not take."""


def _spread() -> timedelta:
    return timedelta(seconds=random.uniform(0, SPREAD_SECONDS))  # noqa: S311


@dataclass(frozen=True, slots=True)
class _Seen:
    """`put_off` is set where nothing was told."""

    outcome: str
    report: Report | None = None
    never_arrived: bool = False
    put_off: timedelta | None = None


async def reconcile(
    database: Database,
    providers: Providers,
    lists: SharedLists,
    tools: Collecting,
    prediction_id: UUID,
    *,
    lease: timedelta,
) -> None:
    async with database.transaction() as tx:
        claim = await owed.claim(tx, prediction_id, WorkKind.RECONCILE, lease)
        paused = await pauses.time_left(tx, claim.prediction.provider) if claim else None
    if claim is None:
        return
    provider = providers[claim.prediction.provider]
    if paused is not None:
        await conclude(database, provider, claim, _event(claim, _Seen("paused", put_off=paused + _spread())))
        return
    began, said = monotonic(), list[Exchange]()
    async with lease_extended(database, claim, lease):
        seen = await _look(database, provider, lists, claim, said)
        note = _note(seen, began)
        seen, is_noted = await _heard(database, provider, tools, claim, seen, note=note, said=said)
    if is_noted:
        await conclude(database, provider, claim, _event(claim, seen))
    else:
        await conclude(database, provider, claim, _event(claim, seen), [_note(seen, began)], said=said)


def _note(seen: _Seen, began: float) -> Told:
    facts = seen.report.facts if seen.report and seen.report.state.is_final else {}
    return Told("looked", {"outcome": seen.outcome, "seconds": round(monotonic() - began, 3), **facts})


async def _look(
    database: Database, provider: Provider, lists: SharedLists, claim: Claim, said: list[Exchange]
) -> _Seen:
    """What the provider's list says is not for the receipt: others' predictions stand in it."""
    try:
        if claim.prediction.provider_id is not None:
            with recorded(said, "look", claim.prediction.callback_token):
                return await _asked(database, provider, claim.prediction, claim.prediction.provider_id)
        return await _searched(database, provider, lists, claim)
    except Unavailable as trouble:
        pause = trouble.retry_after or pauses.AWAY_FOR
        if trouble.concerns_all:
            async with database.transaction() as tx:
                await pauses.pause(tx, provider.name, pause, limited=trouble.limited)
        return _Seen(str(trouble), put_off=pause + _spread())


async def _asked(database: Database, provider: Provider, prediction: Prediction, provider_id: str) -> _Seen:
    try:
        report = await provider.fetch(provider_id, prediction.model)
    except NotKnown:
        if not await _is_lost_there(database, prediction):
            return _Seen(NOT_KNOWN)
        report = Report(provider_id, ProviderState.FAILED, failure=failures.FORGOTTEN)
        return _Seen("not known there any more", report)
    return _Seen(report.state.value, report)


async def _is_lost_there(database: Database, prediction: Prediction) -> bool:
    """Whether this look, which did not find it, is the last of enough."""
    async with database.transaction() as tx:
        before = await journal.latest(tx, prediction.id, "looked", UNKNOWN_IN_A_ROW - 1)
    return [note.detail.get("outcome") for note in before] == [NOT_KNOWN] * (UNKNOWN_IN_A_ROW - 1)


async def _searched(database: Database, provider: Provider, lists: SharedLists, claim: Claim) -> _Seen:
    prediction, wait = claim.prediction, provider.terms.resend_after
    asked_at = prediction.asked_at or prediction.created_at
    may_resend = wait is not None and claim.now - asked_at >= wait
    is_last = claim.now >= claim.work.deadline_at
    entries = await lists.read(provider, prediction.model, asked_at, anew=may_resend or is_last)
    report = await adopt(database, prediction, entries)
    if report is not None:
        return _Seen(f"found in the list, {report.state.value}", report)
    return _Seen("not in the list", never_arrived=may_resend)


def _event(claim: Claim, seen: _Seen) -> Event:
    late = claim.now - claim.work.deadline_at
    if seen.put_off is not None:
        return GaveUp() if late >= PATIENCE_WITH_SILENCE else PutOff(seen.put_off)
    if seen.never_arrived:
        return NeverArrived()
    return GaveUp() if late >= timedelta() else Looked()


async def _heard(
    database: Database,
    provider: Provider,
    tools: Collecting,
    claim: Claim,
    seen: _Seen,
    *,
    note: Told,
    said: list[Exchange],
) -> tuple[_Seen, bool]:
    """And whether it is noted: what ends the work takes its lease as well, after which nobody could note it any more.

    What came in the answer can be asked for again, while storage does not take it and there is time.
    """
    if seen.report is None:
        return seen, False
    kept = await keep_inline(tools, seen.report)
    if kept.waits and claim.now < claim.work.deadline_at:
        await discard(tools.blobs, kept.files, kept=())
        return _Seen("waits for storage", put_off=WITHOUT_STORAGE + _spread()), False

    async def besides(tx: Transaction, prediction: Prediction) -> Prediction:
        journal.note(tx, prediction.id, note.kind, **note.detail)
        await exchanges.keep(tx, prediction.id, said)
        return prediction

    await hear(database, provider, tools, claim.prediction.id, kept.given_up(), besides=besides)
    return seen, True
