"""Claim: who sends a create, when it is its turn; and the row says that we ask before anybody is asked."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.actions.apply_report import log_generation
from app.actions.conclude import tell_fall_back
from app.actions.resolve_pictures import has_to_resolve
from app.db import journal, owed, predictions, turns
from app.db.engine import Database, Transaction
from app.db.owed import Claim
from app.domain.events import Asked, GaveUp, PutOff, Unanswered
from app.domain.lifecycle import advance
from app.domain.ports import Provider, Providers
from app.domain.prediction import Prediction
from app.domain.work import Terms, WorkKind


@dataclass(frozen=True, slots=True)
class Attempt:
    """`is_asked`: the row says so already. Else its pictures are to be had first, and then `ask` says it: whoever dies
    while he fetches them has asked nobody."""

    claim: Claim
    provider: Provider
    is_asked: bool


async def claim_submission(
    database: Database, providers: Providers, prediction_id: UUID, lease: timedelta
) -> Attempt | None:
    """None if there is nothing to send now."""
    async with database.transaction() as tx:
        claim = await owed.claim(tx, prediction_id, WorkKind.SUBMIT, lease)
        if claim is None:
            return None
        provider = providers[claim.prediction.provider]
        if _is_still_open(claim, provider.terms) and has_to_resolve(claim.prediction, provider):
            return Attempt(claim, provider, is_asked=False)
        after, is_asked = await _asked(tx, claim, claim.prediction, provider.terms)
    log_generation(claim.prediction, after)
    return Attempt(claim, provider, is_asked=True) if is_asked else None


async def ask(database: Database, provider: Provider, claim: Claim) -> bool:
    """Whether the row now says that we ask; False if it is not our turn, or not our work any more."""
    async with database.transaction() as tx:
        before = await predictions.lock(tx, claim.prediction.id, token=claim.token)
        if before is None:
            return False
        after, is_asked = await _asked(tx, claim, before, provider.terms)
    log_generation(before, after)
    return is_asked


async def _asked(tx: Transaction, claim: Claim, before: Prediction, terms: Terms) -> tuple[Prediction, bool]:
    event = await _next(tx, claim, terms)
    after = advance(before, event, claim.now, terms)
    await predictions.save(tx, before, after, token=claim.token)
    tell_fall_back(tx, before, after, event)
    if isinstance(event, Asked):
        journal.note(tx, before.id, "asked", attempt=claim.work.attempts)
    return after, isinstance(event, Asked)


async def _next(tx: Transaction, claim: Claim, terms: Terms) -> Asked | Unanswered | GaveUp | PutOff:
    """Waiting for a turn is not being unreachable: the deadline's clock stands still meanwhile, though not for ever."""
    if claim.prediction.asked_at is not None:
        return Unanswered()  # an earlier attempt died between asking and noting
    if not _is_still_open(claim, terms):
        return GaveUp()
    sleep = await turns.take(tx, claim, terms)
    return Asked() if sleep is None else PutOff(sleep)


def _is_still_open(claim: Claim, terms: Terms) -> bool:
    is_untold = claim.prediction.asked_at is None
    return is_untold and claim.now < min(claim.work.deadline_at, claim.prediction.created_at + terms.wait_within)
