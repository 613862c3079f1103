"""Submit: note that we are asking, ask, note the answer. A create that may have been heard is never sent again."""

from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from app.actions.apply_report import apply_report
from app.actions.claim_submission import ask, claim_submission
from app.actions.conclude import Told, conclude
from app.actions.fetch_output import Collecting
from app.actions.hear import hear
from app.actions.keep_inline import Kept, keep_inline
from app.actions.lease import lease_extended
from app.actions.resolve_pictures import PictureSources, resolve_pictures
from app.db import exchanges, inbox, journal, pauses, predictions, turns
from app.db.engine import Database, Transaction
from app.db.owed import Claim
from app.domain.events import NotReached, Refused, Unanswered
from app.domain.lifecycle import advance
from app.domain.ports import Provider, ProviderRefused, Providers, Unavailable, UnreadableDelivery, Unsure
from app.domain.prediction import Prediction
from app.watch.exchanges import Exchange, recorded


async def submit_prediction(
    database: Database,
    providers: Providers,
    tools: Collecting,
    sources: PictureSources,
    prediction_id: UUID,
    *,
    public_url: str,
    lease: timedelta,
) -> None:
    attempt = await claim_submission(database, providers, prediction_id, lease)
    if attempt is None:
        return
    claim, provider, began = attempt.claim, attempt.provider, monotonic()
    said: list[Exchange] = []
    try:
        async with lease_extended(database, claim, lease, watch=lambda: _let_go(database, provider, claim)):
            resolved = await resolve_pictures(sources, provider, claim.prediction)
            if not attempt.is_asked and not await ask(database, provider, claim):
                return
            with recorded(said, "create", claim.prediction.callback_token):
                report = await provider.create(resolved, callback_url(public_url, claim.prediction))
            kept = await keep_inline(tools, report, patience=tools.hold_for)
    except Unavailable as trouble:
        event = NotReached(trouble.retry_after, trouble.limited)
        await conclude(database, provider, claim, event, _answered(str(trouble), began), said=said)
        await _leave_alone(database, provider, trouble)
    except ProviderRefused as refusal:
        await conclude(
            database, provider, claim, Refused(refusal.failure), _answered(refusal.failure.code, began), said=said
        )
    except Unsure as trouble:
        await conclude(database, provider, claim, Unanswered(), _answered(str(trouble), began), said=said)
    else:
        notes = _answered(report.state, began, **report.facts)
        await _note_reply(database, provider, tools, prediction_id, kept.given_up(), notes=notes, said=said)
    if provider.terms.is_limited:
        async with database.transaction() as tx:
            await turns.answered(tx, claim.token, provider.terms)


def callback_url(public_url: str, prediction: Prediction) -> str:
    """Where the provider calls back. The token finds the row of a delivery that comes before the create's reply."""
    return f"{public_url}/api/webhooks/{prediction.provider}?t={prediction.callback_token}"


async def _let_go(database: Database, provider: Provider, claim: Claim) -> None:
    """A cancel shows as under way for a minute at most, also while the provider makes it before it answers: the search
    ends it, and the answer is applied all the same when it comes."""
    async with database.transaction() as tx:
        before = await predictions.lock(tx, claim.prediction.id, token=claim.token)
        now = await predictions.time(tx)
        if before is None or before.cancel_asked_at is None:
            return
        if now - before.cancel_asked_at >= provider.terms.cancel_within:
            after = advance(before, Unanswered(), now, provider.terms)
            await predictions.save(tx, before, after, token=claim.token)


async def _leave_alone(database: Database, provider: Provider, trouble: Unavailable) -> None:
    """A 429 speaks for every create and every look."""
    if trouble.limited:
        async with database.transaction() as tx:
            await pauses.pause(tx, provider.name, trouble.retry_after or pauses.AWAY_FOR, limited=True)


def _answered(outcome: str, began: float, **facts: Any) -> list[Told]:
    return [Told("answered", {"outcome": str(outcome), "seconds": round(monotonic() - began, 3), **facts})]


async def _note_reply(
    database: Database,
    provider: Provider,
    tools: Collecting,
    prediction_id: UUID,
    kept: Kept,
    *,
    notes: list[Told],
    said: list[Exchange],
) -> None:
    """The reply is a fact, whoever holds the work by now; then whatever was delivered before it."""

    async def besides(tx: Transaction, prediction: Prediction) -> Prediction:
        for note in notes:
            journal.note(tx, prediction_id, note.kind, **note.detail)
        await exchanges.keep(tx, prediction_id, said)
        now = await predictions.time(tx)
        for delivery in await inbox.unapplied(tx, provider.name, kept.report.provider_id):
            try:
                early = provider.read_delivery(delivery.body)
            except UnreadableDelivery:
                continue
            prediction = await apply_report(tx, prediction, early, now, provider.terms)
            await inbox.mark_applied(tx, delivery.id, prediction.id)
        return prediction

    await hear(database, provider, tools, prediction_id, kept, besides=besides, patience=tools.hold_for)
