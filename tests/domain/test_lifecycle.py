"""Each transition, one at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from app.domain.events import Asked, Collected, Event, GaveUp, Heard, Looked, NotReached, PutOff, Refused, Unanswered
from app.domain.lifecycle import advance
from app.domain.prediction import FailureCode, FileState, Prediction, Stage, Status
from app.domain.report import ProviderState, Report
from app.domain.work import Work, WorkKind
from tests.domain.life import (
    BROKEN,
    CANCELED,
    EMPTY,
    FAILED,
    ONE_LOST,
    ONE_PENDING,
    ONE_REJECTED,
    OUTPUTS,
    QUEUED,
    REFUSED,
    RUNNING,
    SECOND,
    START,
    STORED,
    SUCCEEDED,
    TERMS,
    UNSAFE,
    after,
    happen,
    new_prediction,
    told,
)

Again = Callable[[timedelta | None], Event]

SUBMIT, RECONCILE, COLLECT = WorkKind.SUBMIT, WorkKind.RECONCILE, WorkKind.COLLECT

STEPS: dict[str, tuple[list[Event], Stage, WorkKind | None]] = {
    "a new one waits to be submitted": ([], Stage.QUEUED, SUBMIT),
    "asking is noted before it is done": ([Asked()], Stage.SUBMITTING, SUBMIT),
    "one that was not heard is asked again": ([Asked(), NotReached()], Stage.SUBMITTING, SUBMIT),
    "one that may have been heard is looked for": ([Asked(), Unanswered()], Stage.WAITING, RECONCILE),
    "a reply that it is queued makes it wait": ([Asked(), QUEUED], Stage.WAITING, RECONCILE),
    "a reply that it runs makes it run": ([Asked(), RUNNING], Stage.RUNNING, RECONCILE),
    "a reply may already tell the end": ([Asked(), SUCCEEDED], Stage.STORING, COLLECT),
    "a delivery may come before the reply": ([Asked(), RUNNING, QUEUED], Stage.RUNNING, RECONCILE),
    "a lost reply is found again": ([Asked(), Unanswered(), QUEUED], Stage.WAITING, RECONCILE),
    "a running one does not go back to waiting": ([RUNNING, QUEUED], Stage.RUNNING, RECONCILE),
    "a look that tells nothing leaves it where it is": ([QUEUED, Looked()], Stage.WAITING, RECONCILE),
    "a success is stored before it counts": ([QUEUED, SUCCEEDED], Stage.STORING, COLLECT),
    "an attempt that leaves a file is repeated": ([SUCCEEDED, ONE_PENDING], Stage.STORING, COLLECT),
    "one is done when all is stored": ([SUCCEEDED, ONE_PENDING, STORED], Stage.DONE, None),
}


@pytest.mark.parametrize(("events", "stage", "work"), STEPS.values(), ids=STEPS.keys())
def test_step(events: list[Event], stage: Stage, work: WorkKind | None) -> None:
    prediction = after(*events)
    assert prediction.stage is stage
    assert (prediction.work and prediction.work.kind) == work


ENDS: dict[str, tuple[list[Event], Status, FailureCode | None]] = {
    "stored": ([SUCCEEDED, STORED], Status.SUCCEEDED, None),
    "refused": ([Asked(), Refused(REFUSED)], Status.FAILED, FailureCode.REJECTED),
    "failed there": ([QUEUED, FAILED], Status.FAILED, FailureCode.PROVIDER_FAILED),
    "failed in the reply": ([Asked(), FAILED], Status.FAILED, FailureCode.PROVIDER_FAILED),
    "canceled there": ([RUNNING, CANCELED], Status.CANCELED, None),
    "succeeded with nothing, twice": ([RUNNING, EMPTY, EMPTY], Status.FAILED, FailureCode.PROVIDER_FAILED),
    "never reached": ([GaveUp()], Status.FAILED, FailureCode.PROVIDER_UNREACHABLE),
    "never found": ([Asked(), Unanswered(), GaveUp()], Status.FAILED, FailureCode.PURCHASE_UNKNOWN),
    "never finished": ([Asked(), Unanswered(), QUEUED, GaveUp()], Status.FAILED, FailureCode.TIMED_OUT),
    "one output lost": ([SUCCEEDED, ONE_LOST], Status.FAILED, FailureCode.OUTPUT_LOST),
    "one output rejected": ([SUCCEEDED, ONE_REJECTED], Status.FAILED, FailureCode.OUTPUT_REJECTED),
    "one output never had": ([SUCCEEDED, ONE_PENDING, GaveUp()], Status.FAILED, FailureCode.OUTPUT_LOST),
}


@pytest.mark.parametrize(("events", "status", "code"), ENDS.values(), ids=ENDS.keys())
def test_end(events: list[Event], status: Status, code: FailureCode | None) -> None:
    prediction = after(*events)
    assert prediction.status is status
    assert (prediction.failure and prediction.failure.code) == code
    assert prediction.completed_at == START + len(events) * SECOND
    assert prediction.work is None


MEANINGLESS: dict[str, tuple[list[Event], Event]] = {
    "asking for what is already there": ([QUEUED], Asked()),
    "a refusal of what is already there": ([QUEUED], Refused(REFUSED)),
    "a lost reply of what is already there": ([RUNNING], Unanswered()),
    "not reaching what is already there": ([RUNNING], NotReached()),
    "not reaching what is being looked for": ([Asked(), Unanswered()], NotReached()),
    "losing the reply twice": ([Asked(), Unanswered()], Unanswered()),
    "a look before it was bought": ([Asked()], Looked()),
    "a look while it is stored": ([SUCCEEDED], Looked()),
    "files of what has not ended": ([RUNNING], STORED),
    "the same report again": ([QUEUED], QUEUED),
    "an older report": ([RUNNING], QUEUED),
    "a report of another prediction": ([QUEUED], told(ProviderState.SUCCEEDED, "another", outputs=OUTPUTS)),
    "a second success": ([SUCCEEDED], SUCCEEDED),
    "a failure after the success": ([SUCCEEDED], FAILED),
}


@pytest.mark.parametrize(("events", "last"), MEANINGLESS.values(), ids=MEANINGLESS.keys())
def test_nothing_changes_by(events: list[Event], last: Event) -> None:
    before = after(*events)
    assert advance(before, last, START + timedelta(minutes=1), TERMS) is before


def test_asking_is_remembered_until_there_is_an_answer() -> None:
    asked = after(Asked())
    assert asked.asked_at == START + SECOND
    assert after(NotReached(), start=asked).asked_at is None
    assert after(QUEUED, start=asked).asked_at is None
    assert after(Refused(REFUSED), start=asked).asked_at is None
    assert after(Unanswered(), start=asked).asked_at == asked.asked_at


def test_the_first_word_starts_the_clock_that_asks() -> None:
    work = work_of(after(Asked(), QUEUED))
    heard_at = START + 2 * SECOND
    assert work.kind is RECONCILE
    assert work.due_at == heard_at + TERMS.usual_time
    assert work.deadline_at == heard_at + TERMS.longest_time
    assert work.attempts == 0


def test_later_words_leave_that_clock_alone() -> None:
    first = after(QUEUED)
    assert after(RUNNING, start=first).work == first.work


def test_a_lost_reply_is_looked_for_soon_and_not_for_ever() -> None:
    work = work_of(after(Asked(), Unanswered()))
    lost_at = START + 2 * SECOND
    assert work.due_at == lost_at + TERMS.look_after(1)
    assert work.deadline_at == lost_at + TERMS.adopt_within


def test_a_prediction_found_again_gets_its_full_time() -> None:
    work = work_of(after(Asked(), Unanswered(), QUEUED))
    assert work.deadline_at == START + 3 * SECOND + TERMS.longest_time


def test_outputs_are_fetched_at_once_and_until_the_provider_deletes_them() -> None:
    ended = START + SECOND
    prediction = after(QUEUED, RUNNING, told(ProviderState.SUCCEEDED, outputs=OUTPUTS, completed_at=ended))
    work = work_of(prediction)
    assert work.due_at == START + 3 * SECOND
    assert work.deadline_at == ended + 2 * TERMS.output_lifetime
    assert prediction.reported_at == START + 3 * SECOND
    assert [(file.position, file.source_url, file.state) for file in prediction.files] == [
        (0, OUTPUTS[0], FileState.OWED),
        (1, OUTPUTS[1], FileState.OWED),
    ]


@pytest.mark.parametrize(
    ("claims", "counts"),
    [
        (None, START + SECOND),
        (START + timedelta(days=9), START + SECOND),
        (START - timedelta(hours=8), START),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), START),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=14))), START + SECOND),
    ],
    ids=["no end", "an end to come", "an end before the beginning", "the first of all days", "the last of all days"],
)
def test_a_providers_clock_is_not_believed_beyond_reason(claims: datetime | None, counts: datetime) -> None:
    work = work_of(after(told(ProviderState.SUCCEEDED, outputs=OUTPUTS, completed_at=claims)))
    assert work.deadline_at == counts + 2 * TERMS.output_lifetime


def test_it_started_when_it_was_first_seen_running() -> None:
    assert after(QUEUED).started_at is None
    assert after(QUEUED, RUNNING, RUNNING).started_at == START + 2 * SECOND
    assert after(QUEUED, SUCCEEDED).started_at == START + 2 * SECOND


def test_what_the_provider_measured_and_billed_is_kept_and_not_unlearned() -> None:
    measured = Heard(Report("ours", ProviderState.RUNNING, predict_time=1.5, billed=Decimal(0)))
    billed = told(ProviderState.SUCCEEDED, outputs=OUTPUTS, billed=Decimal("0.03"))
    under_way = after(measured, RUNNING)
    assert (under_way.predict_time, under_way.billed) == (1.5, None)
    storing = after(measured, SUCCEEDED, billed, SUCCEEDED)
    assert (storing.predict_time, storing.billed) == (1.5, Decimal("0.03"))


def test_a_failure_there_is_shown_as_reported_or_in_our_own_words() -> None:
    assert after(FAILED).failure == BROKEN
    silent = after(Heard(Report("ours", ProviderState.FAILED))).failure
    assert silent is not None and silent.code is FailureCode.PROVIDER_FAILED and silent.message


def test_a_rejected_output_is_named_as_the_reason() -> None:
    assert after(SUCCEEDED, ONE_REJECTED).failure == UNSAFE


def test_what_was_stored_stays_listed_when_another_output_was_lost() -> None:
    files = after(SUCCEEDED, ONE_PENDING, GaveUp()).files
    assert [file.state for file in files] == [FileState.STORED, FileState.LOST]
    assert files[1].failure is not None and files[1].failure.code is FailureCode.OUTPUT_LOST


@pytest.mark.parametrize(
    ("events", "again"),
    [([Asked()], NotReached), ([SUCCEEDED], lambda pause: Collected(ONE_PENDING.files, pause))],
    ids=["a create", "a fetch"],
)
class TestWhatIsTriedAgain:
    def test_waits_longer_every_time(self, events: list[Event], again: Again) -> None:
        pauses = [pause_of(events, again(None), attempts=attempts) for attempts in range(1, 12)]
        assert pauses == sorted(pauses)
        assert pauses[0] == timedelta(seconds=0.5)
        assert pauses[-1] == TERMS.output_lifetime / 20

    def test_waits_as_long_as_it_is_told(self, events: list[Event], again: Again) -> None:
        assert pause_of(events, again(timedelta(seconds=7)), attempts=1) == timedelta(seconds=7)
        assert pause_of(events, again(timedelta(seconds=7)), attempts=9) == timedelta(seconds=7)

    def test_does_not_spin_when_told_to_come_at_once(self, events: list[Event], again: Again) -> None:
        assert pause_of(events, again(timedelta()), attempts=1) == timedelta(seconds=0.5)

    def test_does_not_wait_until_it_is_too_late(self, events: list[Event], again: Again) -> None:
        before = after(*events)
        now = START + timedelta(minutes=1)
        then = work_of(happen(before, again(timedelta(days=1)), now))
        assert then.due_at == now + (then.deadline_at - now) / 2

    def test_is_due_at_its_deadline_at_the_latest(self, events: list[Event], again: Again) -> None:
        before = after(*events)
        deadline = work_of(before).deadline_at
        for pause in (None, timedelta(), timedelta(hours=1)):
            assert work_of(happen(before, again(pause), deadline - timedelta(milliseconds=1))).due_at == deadline
            assert work_of(happen(before, again(pause), deadline + SECOND)).due_at == deadline


def test_looks_come_at_growing_pauses_or_just_when_the_provider_says() -> None:
    assert pause_of([QUEUED], Looked(), attempts=1) == timedelta(seconds=2)
    assert pause_of([QUEUED], Looked(), attempts=3) == timedelta(seconds=8)
    assert pause_of([QUEUED], Looked(), attempts=99) == TERMS.look_every
    assert pause_of([QUEUED], Looked(timedelta(seconds=40)), attempts=1) == timedelta(seconds=40)
    assert pause_of([QUEUED], Looked(timedelta(seconds=1)), attempts=4) == timedelta(seconds=1)
    assert pause_of([QUEUED], Looked(timedelta()), attempts=4) == timedelta(seconds=0.5)


def test_a_look_that_was_put_off_costs_no_attempt() -> None:
    before = after(QUEUED, Looked(), Looked())
    now = START + timedelta(minutes=1)
    put_off = happen(before, PutOff(SECOND), now)
    assert (work_of(put_off).attempts, work_of(put_off).due_at) == (work_of(before).attempts, now + SECOND)
    assert pause_of([QUEUED], PutOff(timedelta()), attempts=4) == timedelta()


def test_the_last_look_is_due_at_the_deadline() -> None:
    before = after(QUEUED)
    deadline = work_of(before).deadline_at
    assert work_of(happen(before, Looked(), deadline - SECOND)).due_at == deadline


def test_every_change_is_dated() -> None:
    later = datetime(2026, 11, 2, tzinfo=UTC)
    assert advance(new_prediction(), QUEUED, later, TERMS).updated_at == later


def pause_of(events: list[Event], last: Event, *, attempts: int) -> timedelta:
    """How long the work rests after its `attempts`-th attempt ended so."""
    before = after(*events)
    now = START + timedelta(minutes=1)
    tried = replace(before, work=replace(work_of(before), attempts=attempts))
    return work_of(advance(tried, last, now, TERMS)).due_at - now


def work_of(prediction: Prediction) -> Work:
    assert prediction.work is not None
    return prediction.work
