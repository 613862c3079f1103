"""Reconcile: ask the provider for what its webhook has not told, and look for creates whose reply was lost."""

from datetime import timedelta
from uuid import UUID

from app.actions.apply_report import apply_report
from app.actions.conclude import conclude
from app.actions.submit_prediction import callback_url
from app.db import owed, predictions
from app.db.engine import Database
from app.db.owed import Claim
from app.domain.lifecycle import GaveUp, Looked
from app.domain.ports import NotKnown, Provider, Providers, Unavailable
from app.domain.prediction import Failure, FailureCode
from app.domain.report import ProviderState, Report
from app.domain.work import WorkKind

LOOKS_BEFORE_FORGOTTEN = 6
"""A provider may need a moment before it knows its own new prediction; after this many looks it has lost it."""


async def reconcile(
    database: Database, providers: Providers, prediction_id: UUID, *, public_url: str, lease: timedelta
) -> None:
    async with database.transaction() as tx:
        claim = await owed.claim(tx, prediction_id, WorkKind.RECONCILE, lease)
    if claim is None:
        return
    provider = providers[claim.prediction.provider]
    retry_after = None
    try:
        report = await _look(provider, claim, callback_url(public_url, claim.prediction))
    except Unavailable as trouble:
        report, retry_after = None, trouble.retry_after
    except NotKnown:
        report = _forgotten(claim) if claim.work.attempts >= LOOKS_BEFORE_FORGOTTEN else None
    if report is not None:
        await _apply(database, provider, claim, report)
    late = claim.now >= claim.work.deadline_at
    await conclude(database, provider, claim, GaveUp() if late else Looked(retry_after))


async def _look(provider: Provider, claim: Claim, callback: str) -> Report | None:
    prediction = claim.prediction
    if prediction.provider_id is not None:
        return await provider.fetch(prediction.provider_id)
    return await provider.find(prediction, callback, prediction.created_at)


def _forgotten(claim: Claim) -> Report:
    failure = Failure(FailureCode.PROVIDER_FAILED, "The provider no longer knows this prediction.")
    return Report(claim.prediction.provider_id or "", ProviderState.FAILED, failure=failure)


async def _apply(database: Database, provider: Provider, claim: Claim, report: Report) -> None:
    async with database.transaction() as tx:
        prediction = await predictions.lock(tx, claim.prediction.id)
        if prediction is not None:
            await apply_report(tx, prediction, report, await predictions.time(tx), provider.terms)
