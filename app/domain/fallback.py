"""Another model in place of one that surely made nothing: refused at its create, or not to be reached in time.

Never after an acceptance, never while the create may have been heard: both empty `Prediction.fallback` for good. And
never for what a provider's moderation refused: that is not carried from door to door until one lets it in.
"""

from dataclasses import replace
from datetime import datetime

from app.domain.prediction import Failure, FailureCode, Prediction
from app.domain.work import Terms, Work, WorkKind


def falls_back(prediction: Prediction, failure: Failure) -> bool:
    is_wanted = prediction.cancel_asked_at is None
    return bool(prediction.fallback) and is_wanted and failure.code is not FailureCode.CONTENT_FILTERED


def fell_back(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    """Owed to the next one, as if it had been created for it; what is held covers every one of them."""
    following, *rest = prediction.fallback
    if following.input is not None:
        prediction = replace(prediction, input=following.input, adjusted=following.adjusted)
    return replace(
        prediction,
        provider=following.provider,
        model=following.model,
        price=following.price,
        callback_token=following.callback_token,
        fallback=tuple(rest),
        asked_at=None,
        work=Work(WorkKind.SUBMIT, due_at=now, deadline_at=now + terms.submit_within),
    )
