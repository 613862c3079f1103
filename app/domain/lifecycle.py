"""`advance`: what an event means for a prediction, and which work it then owes.

Ranks only grow, a final state is never left, and what changes nothing returns the same object. Facts from the
provider (`Heard`) and wishes of the owner (`CancelAsked`) may come from anybody in any order; all other events are
told by the holder of the prediction's work alone, who proves it by his token when he saves (`db.owed`).
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from app.domain import failures
from app.domain.events import (
    Asked,
    CancelAsked,
    Collected,
    Event,
    GaveUp,
    Heard,
    Looked,
    NeverArrived,
    NotReached,
    PutOff,
    Refused,
    Unanswered,
)
from app.domain.fallback import falls_back, fell_back
from app.domain.money import settled
from app.domain.prediction import (
    STATUS_OF_STAGE,
    Failure,
    FileState,
    Prediction,
    Stage,
    Status,
)
from app.domain.report import ProviderState, Report
from app.domain.settling import settle
from app.domain.steps import (
    again,
    in_line,
    learned,
    look_again,
    lost_for_good,
    owed_outputs,
    owes,
    put_off,
    watched,
    with_bill,
)
from app.domain.work import Terms, Work, WorkKind


def advance(prediction: Prediction, event: Event, now: datetime, terms: Terms) -> Prediction:
    """The prediction after the event; the same object if the event means nothing to it."""
    after = settle if prediction.status.is_final else _after
    changed = settled(after(prediction, event, now, terms))
    return prediction if changed == prediction else replace(changed, updated_at=now)


def _after(prediction: Prediction, event: Event, now: datetime, terms: Terms) -> Prediction:
    match event:
        case Heard():
            return _heard(prediction, event.report, now, terms)
        case CancelAsked():
            return _cancel_asked(prediction, now, terms)
        case Asked() | NotReached() | Unanswered() | Refused():
            return _submitted(prediction, event, now, terms)
        case Looked():
            return _looked(prediction, event, now, terms)
        case PutOff():
            return put_off(prediction, event.pause, now)
        case NeverArrived():
            return _never_arrived(prediction, now, terms)
        case Collected():
            return _collected(prediction, event, now, terms)
        case GaveUp():
            return _gave_up(prediction, now, terms)
        case _:
            assert_never(event)


def _submitted(
    prediction: Prediction, event: Asked | NotReached | Unanswered | Refused, now: datetime, terms: Terms
) -> Prediction:
    if not owes(prediction, WorkKind.SUBMIT):
        return prediction
    match event:
        case Asked():
            return replace(_moved(prediction, Stage.SUBMITTING), asked_at=now)
        case Refused():
            return _refused(prediction, event.failure, now, terms)
        case NotReached():
            if prediction.stage is Stage.CANCELING:
                return _finished(prediction, Status.CANCELED, now)
            return _not_reached(prediction, event, now, terms)
        case Unanswered():
            look = Work(WorkKind.RECONCILE, due_at=now + terms.look_after(1), deadline_at=now + terms.adopt_within)
            return replace(_moved(prediction, Stage.WAITING), work=look, fallback=())
        case _:
            assert_never(event)


def _refused(prediction: Prediction, failure: Failure, now: datetime, terms: Terms) -> Prediction:
    """Nothing was bought. The next one is asked, if one stands by."""
    if falls_back(prediction, failure):
        return fell_back(prediction, now, terms)
    return _failed(prediction, failure, now)


def _not_reached(prediction: Prediction, event: NotReached, now: datetime, terms: Terms) -> Prediction:
    later = again(replace(prediction, asked_at=None), event.retry_after, now, terms)
    return replace(later, work=in_line(later.work, now)) if event.limited and later.work else later


def _heard(prediction: Prediction, report: Report, now: datetime, terms: Terms) -> Prediction:
    if prediction.provider_id not in (None, report.provider_id):
        return prediction
    if prediction.stage is Stage.STORING:
        return with_bill(prediction, report)
    known = learned(prediction, report)
    if prediction.provider_id is None:
        known = watched(known, now, terms)
    match report.state:
        case ProviderState.QUEUED:
            return _moved(known, Stage.WAITING)
        case ProviderState.RUNNING:
            return _moved(replace(known, started_at=known.started_at or now), Stage.RUNNING)
        case ProviderState.SUCCEEDED:
            return _succeeded_there(known, report, now, terms)
        case ProviderState.FAILED:
            return _failed(known, report.failure or failures.NO_REASON, now)
        case ProviderState.CANCELED:
            return _finished(known, Status.CANCELED, now)
        case _:
            assert_never(report.state)


def _succeeded_there(prediction: Prediction, report: Report, now: datetime, terms: Terms) -> Prediction:
    if not report.outputs and report.data is not None:
        return _finished(replace(prediction, started_at=prediction.started_at or now), Status.SUCCEEDED, now)
    if not report.outputs:
        return _ended_with_nothing(prediction, now, terms)
    storing = _moved(replace(prediction, started_at=prediction.started_at or now), Stage.STORING)
    return owed_outputs(storing, report, now, terms)


def _ended_with_nothing(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    """A delivery may be thinner than the truth, so the provider is asked once more before it counts."""
    if prediction.reported_at is not None:
        return _failed(prediction, failures.NO_OUTPUT, now)
    look = Work(WorkKind.RECONCILE, due_at=now, deadline_at=now + terms.longest_time)
    return replace(_moved(prediction, Stage.RUNNING), reported_at=now, work=look)


def _cancel_asked(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    """Before it was asked for it ends at once. While its outputs are being stored it is too late."""
    if prediction.stage is Stage.STORING or prediction.cancel_asked_at is not None:
        return prediction
    if owes(prediction, WorkKind.SUBMIT) and prediction.asked_at is None:
        return _finished(prediction, Status.CANCELED, now)
    canceling = _moved(replace(prediction, cancel_asked_at=now), Stage.CANCELING)
    return canceling if prediction.provider_id is None else watched(canceling, now, terms)


def _looked(prediction: Prediction, event: Looked, now: datetime, terms: Terms) -> Prediction:
    if not owes(prediction, WorkKind.RECONCILE, WorkKind.CANCEL):
        return prediction
    asked_at = prediction.cancel_asked_at
    if asked_at is not None and now - asked_at >= terms.cancel_within:
        return _canceled_unconfirmed(prediction, now, terms)
    return look_again(prediction, event.retry_after, now, terms)


def _canceled_unconfirmed(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    """Canceled for its owner; the provider may still end it, and then its result is stored and booked."""
    ended = _finished(prediction, Status.CANCELED, now)
    return replace(ended, work=prediction.work) if prediction.provider_id is None else watched(ended, now, terms)


def _never_arrived(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    if prediction.provider_id is not None or not owes(prediction, WorkKind.RECONCILE):
        return prediction
    if prediction.stage is Stage.CANCELING:
        return _finished(prediction, Status.CANCELED, now)
    resend = Work(WorkKind.SUBMIT, due_at=now, deadline_at=now + terms.submit_within)
    return replace(prediction, asked_at=None, work=resend)


def _collected(prediction: Prediction, event: Collected, now: datetime, terms: Terms) -> Prediction:
    if prediction.stage is not Stage.STORING:
        return prediction
    gathered = replace(prediction, files=event.files)
    if any(file.state is FileState.OWED for file in event.files):
        return again(gathered, event.retry_after, now, terms)
    lost = next((file for file in event.files if file.state is FileState.LOST), None)
    if lost is None:
        return _finished(gathered, Status.SUCCEEDED, now)
    return _failed(gathered, lost.failure or failures.OUTPUT_LOST, now)


def _gave_up(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    if prediction.work is None:
        return prediction
    match prediction.work.kind:
        case WorkKind.SUBMIT:
            if prediction.asked_at is not None:  # nobody can know that it was not heard
                return _failed(prediction, failures.UNREACHABLE, now)
            return _refused(prediction, failures.UNREACHABLE, now, terms)
        case WorkKind.RECONCILE:
            unknown = prediction.provider_id is None
            return _failed(prediction, failures.PURCHASE_UNKNOWN if unknown else failures.TIMED_OUT, now)
        case WorkKind.CANCEL:
            return _canceled_unconfirmed(prediction, now, terms)
        case WorkKind.COLLECT:
            return _collected(prediction, Collected(lost_for_good(prediction.files)), now, terms)
        case _:
            assert_never(prediction.work.kind)


def _moved(prediction: Prediction, stage: Stage) -> Prediction:
    if stage.rank <= prediction.stage.rank:
        return prediction
    return replace(prediction, stage=stage, status=STATUS_OF_STAGE.get(stage, prediction.status))


def _failed(prediction: Prediction, failure: Failure, now: datetime) -> Prediction:
    return replace(_finished(prediction, Status.FAILED, now), failure=failure)


def _finished(prediction: Prediction, status: Status, now: datetime) -> Prediction:
    return replace(prediction, status=status, stage=Stage.DONE, completed_at=now, asked_at=None, fallback=(), work=None)
