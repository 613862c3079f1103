"""Reconcile: ask the provider for what its webhook has not told, and look for creates whose reply was lost."""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from uuid import UUID

from app.actions.adopt import adopt
from app.actions.apply_report import apply_report
from app.actions.conclude import Told, conclude
from app.actions.shared_lists import SharedLists
from app.db import owed, pauses, predictions
from app.db.engine import Database
from app.db.owed import Claim
from app.domain import failures
from app.domain.events import Event, GaveUp, Looked, NeverArrived, PutOff
from app.domain.ports import NotKnown, Provider, Providers, Unavailable
from app.domain.report import ProviderState, Report
from app.domain.work import WorkKind

LOOKS_BEFORE_FORGOTTEN = 6
"""A provider may need a moment before it knows its own new prediction; after this many looks it has lost it."""
TIMES_IN_A_ROW, PAUSE_IN_A_ROW_SECONDS = 3, 0.5
"""And one odd answer is not yet an end."""
SPREAD_SECONDS = 2.0
"""After a pause for everybody, everybody comes back over so long a time."""


PATIENCE_WITH_SILENCE = timedelta(minutes=10)
"""Past the deadline only a look that was answered gives up; one that was not proves nothing, for so long."""
AWAY_FOR = timedelta(seconds=1)
"""So long is a provider left alone that limits us without saying for how long, or cannot be reached at all."""


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
    began = monotonic()
    seen = await _look(database, provider, lists, claim)
    if seen.report is not None:
        await _apply(database, provider, claim, seen.report)
    note = Told("looked", {"outcome": seen.outcome, "seconds": round(monotonic() - began, 3)})
    await conclude(database, provider, claim, _event(claim, seen), [note])


async def _look(database: Database, provider: Provider, lists: SharedLists, claim: Claim) -> _Seen:
    try:
        if claim.prediction.provider_id is not None:
            return await _asked(provider, claim, claim.prediction.provider_id)
        return await _searched(database, provider, lists, claim)
    except Unavailable as trouble:
        pause = trouble.retry_after or AWAY_FOR
        if trouble.concerns_all:
            async with database.transaction() as tx:
                await pauses.pause(tx, provider.name, pause)
        return _Seen(str(trouble), put_off=pause + _spread())


async def _asked(provider: Provider, claim: Claim, provider_id: str) -> _Seen:
    for _ in range(TIMES_IN_A_ROW):
        try:
            report = await provider.fetch(provider_id, claim.prediction.model)
        except NotKnown:
            if claim.work.attempts < LOOKS_BEFORE_FORGOTTEN:
                return _Seen("not known there")
            await asyncio.sleep(PAUSE_IN_A_ROW_SECONDS)
        else:
            return _Seen(report.state.value, report)
    forgotten = Report(provider_id, ProviderState.FAILED, failure=failures.FORGOTTEN)
    return _Seen("not known there any more", forgotten)


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


async def _apply(database: Database, provider: Provider, claim: Claim, report: Report) -> None:
    async with database.transaction() as tx:
        prediction = await predictions.lock(tx, claim.prediction.id)
        if prediction is not None:
            await apply_report(tx, prediction, report, await predictions.time(tx), provider.terms)
