"""Steps that a prediction takes before its end and, while it settles, after it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from app.domain import failures
from app.domain.prediction import File, FileState, Prediction
from app.domain.report import Report
from app.domain.work import Terms, Work, WorkKind, backoff


def learned(prediction: Prediction, report: Report) -> Prediction:
    """With what the report says of id, time, bill and data; its state is another matter."""
    return replace(
        prediction,
        provider_id=report.provider_id,
        asked_at=None,
        fallback=(),
        predict_time=prediction.predict_time if report.predict_time is None else report.predict_time,
        billed=with_bill(prediction, report).billed,
        data=prediction.data if report.data is None else report.data,
    )


def with_bill(prediction: Prediction, report: Report) -> Prediction:
    """Only what is said at the end is a bill; a job under way says zero."""
    if report.billed is None or not report.state.is_final:
        return prediction
    return replace(prediction, billed=report.billed)


def watched(prediction: Prediction, now: datetime, terms: Terms) -> Prediction:
    """From its first word on the provider is asked on a clock; at once, and to cancel it, if nobody wants it."""
    if prediction.cancel_asked_at is not None and not prediction.status.is_final:
        work = Work(WorkKind.CANCEL, due_at=now, deadline_at=prediction.cancel_asked_at + terms.cancel_within)
    else:
        work = Work(WorkKind.RECONCILE, due_at=now + terms.look_after(0), deadline_at=now + terms.longest_time)
    return replace(prediction, work=work)


def owed_outputs(prediction: Prediction, report: Report, now: datetime, terms: Terms) -> Prediction:
    """Every output is owed to our storage before the provider deletes it.

    It is tried for twice the time that the provider promises, since some keep outputs for longer than they say.
    """
    ended = min(max(report.completed_at or now, prediction.created_at), now)  # by a clock that is not ours
    return replace(
        prediction,
        reported_at=now,
        files=tuple(File(position, url) for position, url in enumerate(report.outputs)),
        work=Work(WorkKind.COLLECT, due_at=now, deadline_at=ended + 2 * terms.output_lifetime),
    )


def time_left(work: Work, now: datetime, terms: Terms) -> timedelta:
    """Until the provider may delete what is owed to our storage; negative afterwards."""
    return work.deadline_at - terms.output_lifetime - now


def again(prediction: Prediction, retry_after: timedelta | None, now: datetime, terms: Terms) -> Prediction:
    """When they say, yet never at once, and never so late that the time left runs out without another try.

    Without their word after a growing pause, which is short beside the lifetime of the outputs.
    """
    work = prediction.work
    if work is None:
        return prediction
    if retry_after is None:
        pause = backoff(work.attempts, longest=max(terms.output_lifetime / 20, backoff(1)))
    else:
        pause = max(min(retry_after, (work.deadline_at - now) / 2), backoff(1))
    return replace(prediction, work=work.due_after(pause, now))


def look_again(prediction: Prediction, retry_after: timedelta | None, now: datetime, terms: Terms) -> Prediction:
    if prediction.work is None:
        return prediction
    pause = terms.look_after(prediction.work.attempts) if retry_after is None else max(retry_after, backoff(1))
    work = prediction.work
    is_late = now >= work.deadline_at
    return replace(prediction, work=replace(work, due_at=now + pause) if is_late else work.due_after(pause, now))


def put_off(prediction: Prediction, pause: timedelta, now: datetime) -> Prediction:
    """A look that could not be made, made later; the clock of looks stays where it was. Likewise a submission that
    waits for its turn, and nothing is asked twice."""
    if prediction.work is None or not owes(prediction, WorkKind.RECONCILE, WorkKind.SUBMIT):
        return prediction
    later = replace(prediction.work, attempts=max(prediction.work.attempts - 1, 0), due_at=now + pause)
    if later.kind is WorkKind.RECONCILE:
        return replace(prediction, work=later)
    return prediction if prediction.asked_at else replace(prediction, work=replace(later, waits_since=now))


def in_line(work: Work, now: datetime) -> Work:
    """Told to come later, and nobody overtakes it meanwhile. The time until then counts against its deadline, which a
    claim moves by all the time since (`waited`)."""
    return replace(work, waits_since=now, deadline_at=work.deadline_at - (work.due_at - now))


def waited(work: Work, now: datetime) -> Work:
    """As it is claimed: the clock of its deadline stood still while it waited."""
    if work.waits_since is None:
        return work
    return replace(work, waits_since=None, deadline_at=work.deadline_at + (now - work.waits_since))


def lost_for_good(files: Iterable[File]) -> tuple[File, ...]:
    """What is still owed cannot be had any more."""
    return tuple(
        replace(file, state=FileState.LOST, failure=file.failure or failures.OUTPUT_LOST)
        if file.state is FileState.OWED
        else file
        for file in files
    )


def owes(prediction: Prediction, *kinds: WorkKind) -> bool:
    return prediction.work is not None and prediction.work.kind in kinds
