"""`advance`: what an event means for a prediction, and which work it then owes.

Ranks only grow, a final state ignores everything, and what changes nothing returns the same object. Facts from the
provider (`Heard`) may come from anybody in any order; all other events are told by the holder of the prediction's
work alone, who proves it by his token when he saves (`db.owed`).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from app.domain.prediction import (
    STATUS_OF_STAGE,
    Failure,
    FailureCode,
    File,
    FileState,
    Prediction,
    Stage,
    Status,
)
from app.domain.report import ProviderState, Report
from app.domain.work import Terms, Work, WorkKind, backoff


@dataclass(frozen=True, slots=True)
class Asked:
    """The create is about to be sent. Committed before the first byte leaves."""


@dataclass(frozen=True, slots=True)
class NotReached:
    """The provider surely did not take the create; it may be sent again."""

    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The create may have been taken. It is looked for, and never sent again."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no; nothing was bought."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Heard:
    """The provider told something: a create's reply, a webhook or a poll."""

    report: Report


@dataclass(frozen=True, slots=True)
class Looked:
    """A look told nothing final; look again later."""

    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """How the files stand after an attempt to fetch those that were owed."""

    files: tuple[File, ...]
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The deadline of the owed work has passed."""


Event = Asked | NotReached | Unanswered | Refused | Heard | Looked | Collected | GaveUp


def advance(prediction: Prediction, event: Event, now: datetime, terms: Terms) -> Prediction:
    """The prediction after the event; the same object if the event means nothing to it."""
    if prediction.status.is_final:
        return prediction
    changed = _after(prediction, event, now, terms)
    return prediction if changed == prediction else replace(changed, updated_at=now)


def _after(prediction: Prediction, event: Event, now: datetime, terms: Terms) -> Prediction:
    match event:
        case Asked():
            return _asked(prediction, now)
        case NotReached():
            return _not_reached(prediction, event.retry_after, now)
        case Unanswered():
            return _unanswered(prediction, now, terms)
        case Refused():
            return _failed(prediction, event.failure, now) if _owes(prediction, WorkKind.SUBMIT) else prediction
        case Heard():
            return _heard(prediction, event.report, now, terms)
        case Looked():
            return _look_again(prediction, event.retry_after, now, terms)
        case Collected():
            return _collected(prediction, event, now)
        case GaveUp():
            return _gave_up(prediction, now)
        case _:
            assert_never(event)


def _asked(prediction: Prediction, now: datetime) -> Prediction:
    if not _owes(prediction, WorkKind.SUBMIT):
        return prediction
    return replace(_moved(prediction, Stage.SUBMITTING), asked_at=now)


def _not_reached(prediction: Prediction, retry_after: timedelta | None, now: datetime) -> Prediction:
    if not _owes(prediction, WorkKind.SUBMIT):
        return prediction
    return _again(replace(prediction, asked_at=None), retry_after, now)


def _unanswered(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    if not _owes(prediction, WorkKind.SUBMIT):
        return prediction
    look = Work(WorkKind.RECONCILE, due_at=now + terms.look_after(1), deadline_at=now + terms.adopt_within)
    return replace(_moved(prediction, Stage.WAITING), work=look)


def _heard(prediction: Prediction, report: Report, now: datetime, terms: Terms) -> Prediction:
    if prediction.provider_id not in (None, report.provider_id) or prediction.stage is Stage.STORING:
        return prediction
    known = _learned(prediction, report)
    if prediction.provider_id is None:
        known = _watched(known, now, terms)
    match report.state:
        case ProviderState.QUEUED:
            return _waiting(known, Stage.WAITING, now)
        case ProviderState.RUNNING:
            return _waiting(known, Stage.RUNNING, now)
        case ProviderState.SUCCEEDED:
            return _succeeded_there(known, report, now, terms)
        case ProviderState.FAILED:
            return _failed(known, report.failure or _failed_without_a_word(), now)
        case ProviderState.CANCELED:
            return _finished(known, Status.CANCELED, now)
        case _:
            assert_never(report.state)


def _learned(prediction: Prediction, report: Report) -> Prediction:
    return replace(
        prediction,
        provider_id=report.provider_id,
        asked_at=None,
        predict_time=prediction.predict_time if report.predict_time is None else report.predict_time,
        billed=prediction.billed if report.billed is None else report.billed,
    )


def _waiting(prediction: Prediction, stage: Stage, now: datetime) -> Prediction:
    if stage is Stage.RUNNING and prediction.started_at is None:
        prediction = replace(prediction, started_at=now)
    return _moved(prediction, stage)


def _watched(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    """The clock that asks the provider starts with its first word of this prediction."""
    look = Work(WorkKind.RECONCILE, due_at=now + terms.look_after(0), deadline_at=now + terms.longest_time)
    return replace(prediction, work=look)


def _succeeded_there(prediction: Prediction, report: Report, now: datetime, terms: Terms) -> Prediction:
    if not report.outputs:
        return _failed(prediction, Failure(FailureCode.PROVIDER_FAILED, "It ended without an output."), now)
    ended = min(max(report.completed_at or now, prediction.created_at), now)  # by a clock that is not ours
    return replace(
        _moved(prediction, Stage.STORING),
        started_at=prediction.started_at or now,
        reported_at=now,
        files=tuple(File(position, url) for position, url in enumerate(report.outputs)),
        work=Work(WorkKind.COLLECT, due_at=now, deadline_at=ended + terms.output_lifetime),
    )


def _look_again(prediction: Prediction, retry_after: timedelta | None, now: datetime, terms: Terms) -> Prediction:
    if prediction.work is None or prediction.work.kind is not WorkKind.RECONCILE:
        return prediction
    pause = max(terms.look_after(prediction.work.attempts), retry_after or timedelta())
    return replace(prediction, work=prediction.work.due_after(pause, now))


def _collected(prediction: Prediction, event: Collected, now: datetime) -> Prediction:
    if prediction.stage is not Stage.STORING:
        return prediction
    gathered = replace(prediction, files=event.files)
    if any(file.state is FileState.OWED for file in event.files):
        return _again(gathered, event.retry_after, now)
    lost = next((file for file in event.files if file.state is FileState.LOST), None)
    if lost is None:
        return _finished(gathered, Status.SUCCEEDED, now)
    return _failed(gathered, lost.failure or _output_lost(), now)


def _gave_up(prediction: Prediction, now: datetime) -> Prediction:
    if prediction.work is None:
        return prediction
    match prediction.work.kind:
        case WorkKind.SUBMIT:
            unreachable = Failure(
                FailureCode.PROVIDER_UNREACHABLE, "The provider could not be reached; nothing was bought."
            )
            return _failed(prediction, unreachable, now)
        case WorkKind.RECONCILE:
            return _failed(prediction, _never_ended(prediction), now)
        case WorkKind.COLLECT:
            files = tuple(_lose(file) for file in prediction.files)
            return _collected(prediction, Collected(files), now)
        case _:
            assert_never(prediction.work.kind)


def _never_ended(prediction: Prediction) -> Failure:
    if prediction.provider_id is None:
        return Failure(
            FailureCode.PURCHASE_UNKNOWN,
            "The provider may have taken this prediction and never said so; it will not be bought again.",
        )
    return Failure(FailureCode.TIMED_OUT, "The provider did not finish in time.")


def _again(prediction: Prediction, retry_after: timedelta | None, now: datetime) -> Prediction:
    """When they say, yet never at once, and never so late that the time left runs out without another try."""
    work = prediction.work
    if work is None:
        return prediction
    if retry_after is None:
        pause = backoff(work.attempts)
    else:
        pause = max(min(retry_after, (work.deadline_at - now) / 2), backoff(1))
    return replace(prediction, work=work.due_after(pause, now))


def _owes(prediction: Prediction, kind: WorkKind) -> bool:
    return prediction.work is not None and prediction.work.kind is kind


def _moved(prediction: Prediction, stage: Stage) -> Prediction:
    if stage.rank <= prediction.stage.rank:
        return prediction
    return replace(prediction, stage=stage, status=STATUS_OF_STAGE[stage])


def _failed(prediction: Prediction, failure: Failure, now: datetime) -> Prediction:
    return replace(_finished(prediction, Status.FAILED, now), failure=failure)


def _finished(prediction: Prediction, status: Status, now: datetime) -> Prediction:
    return replace(prediction, status=status, stage=Stage.DONE, completed_at=now, asked_at=None, work=None)


def _lose(file: File) -> File:
    if file.state is not FileState.OWED:
        return file
    return replace(file, state=FileState.LOST, failure=file.failure or _output_lost())


def _output_lost() -> Failure:
    return Failure(FailureCode.OUTPUT_LOST, "An output could not be fetched before the provider deleted it.")


def _failed_without_a_word() -> Failure:
    return Failure(FailureCode.PROVIDER_FAILED, "The provider failed to make it.")
