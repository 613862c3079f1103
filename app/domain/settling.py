"""After the end: a late result is stored and booked, and the end stays what it was.

That can happen to what was canceled before the provider confirmed it, to what we stopped waiting for, to what the
provider said it knew no longer, and to a purchase that we could not be sure of. Status, stage, failure and time of the
end never change here.
"""

from dataclasses import replace
from datetime import datetime

from app.domain.events import Collected, Event, GaveUp, Heard, Looked, PutOff
from app.domain.failures import FORGOTTEN
from app.domain.prediction import FailureCode, FileState, Prediction, Status
from app.domain.report import ProviderState, Report
from app.domain.steps import again, learned, look_again, lost_for_good, owed_outputs, owes, put_off, watched
from app.domain.work import Terms, Work, WorkKind

LATE = (FailureCode.PURCHASE_UNKNOWN, FailureCode.TIMED_OUT)


def may_settle(prediction: Prediction) -> bool:
    """Whether a result may still come for it."""
    if prediction.files and not owes(prediction, WorkKind.COLLECT):
        return False
    if prediction.status is Status.CANCELED:
        return prediction.cancel_asked_at is not None
    return prediction.failure is not None and (prediction.failure.code in LATE or prediction.failure == FORGOTTEN)


def reopened(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    """Looked for once more, if its end leaves that open and nothing is looked for already; else the same object."""
    if not prediction.status.is_final or prediction.work is not None or not may_settle(prediction):
        return prediction
    return replace(prediction, work=Work(WorkKind.RECONCILE, due_at=now, deadline_at=now + terms.adopt_within))


def settle(prediction: Prediction, event: Event, now: datetime, terms: Terms) -> Prediction:
    if not may_settle(prediction):
        return prediction
    match event:
        case Heard():
            return _heard(prediction, event.report, now, terms)
        case Collected() if owes(prediction, WorkKind.COLLECT):
            return _collected(prediction, event, now, terms)
        case Looked() if owes(prediction, WorkKind.RECONCILE):
            return look_again(prediction, event.retry_after, now, terms)
        case PutOff():
            return put_off(prediction, event.pause, now)
        case GaveUp() if owes(prediction, WorkKind.COLLECT):
            return replace(prediction, files=lost_for_good(prediction.files), work=None)
        case GaveUp():
            return replace(prediction, work=None)
        case _:
            return prediction


def _heard(prediction: Prediction, report: Report, now: datetime, terms: Terms) -> Prediction:
    if prediction.provider_id not in (None, report.provider_id) or prediction.files:
        return prediction
    known = learned(prediction, report)
    if report.state in (ProviderState.QUEUED, ProviderState.RUNNING):
        return watched(known, now, terms) if prediction.provider_id is None else known
    if report.state is ProviderState.SUCCEEDED and report.outputs:
        return owed_outputs(known, report, now, terms)
    return replace(known, work=None)


def _collected(prediction: Prediction, event: Collected, now: datetime, terms: Terms) -> Prediction:
    gathered = replace(prediction, files=event.files)
    if any(file.state is FileState.OWED for file in event.files):
        return again(gathered, event.retry_after, now, terms)
    return replace(gathered, work=None)
