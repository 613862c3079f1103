"""Canceling with proof, and what still comes after the end."""

from datetime import timedelta

from app.domain.events import (
    Asked,
    CancelAsked,
    Collected,
    GaveUp,
    Heard,
    Looked,
    NeverArrived,
    NotReached,
    Unanswered,
)
from app.domain.failures import FORGOTTEN
from app.domain.prediction import FailureCode, FileState, Prediction, Stage, Status
from app.domain.report import ProviderState, Report
from app.domain.work import WorkKind
from tests.domain.life import (
    CANCELED,
    EMPTY,
    FAILED,
    ONE_LOST,
    QUEUED,
    RUNNING,
    SECOND,
    START,
    STORED,
    STORED_FILES,
    SUCCEEDED,
    TERMS,
    after,
    happen,
)

MUCH_LATER = START + TERMS.cancel_within + 30 * SECOND


def unconfirmed() -> Prediction:
    """Canceled for its owner after a minute in which the provider confirmed nothing."""
    return happen(after(RUNNING, CancelAsked()), Looked(), MUCH_LATER)


def test_what_was_never_asked_for_is_canceled_at_once() -> None:
    ended = after(CancelAsked())
    assert (ended.status, ended.work, ended.provider_id) == (Status.CANCELED, None, None)


def test_a_create_under_way_is_canceled_as_soon_as_its_id_is_known() -> None:
    asked = after(Asked(), CancelAsked())
    assert (asked.status, asked.stage) == (Status.STARTING, Stage.CANCELING)
    known = happen(asked, QUEUED, START + 5 * SECOND)
    assert known.stage is Stage.CANCELING
    assert known.work and known.work.kind is WorkKind.CANCEL


def test_a_create_under_way_that_did_not_arrive_is_canceled_and_nothing_was_bought() -> None:
    ended = after(Asked(), CancelAsked(), NotReached())
    assert (ended.status, ended.work) == (Status.CANCELED, None)


def test_the_provider_s_word_ends_a_cancel() -> None:
    canceling = after(RUNNING, CancelAsked())
    assert (canceling.status, canceling.stage) == (Status.PROCESSING, Stage.CANCELING)
    assert after(RUNNING, CancelAsked(), CANCELED).status is Status.CANCELED
    assert after(RUNNING, CancelAsked(), FAILED).status is Status.FAILED
    assert after(RUNNING, CancelAsked(), SUCCEEDED, STORED).status is Status.SUCCEEDED


def test_a_second_wish_and_a_late_start_change_nothing() -> None:
    canceling = after(RUNNING, CancelAsked())
    assert happen(canceling, CancelAsked(), MUCH_LATER) is canceling
    assert happen(canceling, QUEUED, MUCH_LATER).stage is Stage.CANCELING


def test_what_is_being_stored_can_no_longer_be_canceled() -> None:
    storing = after(SUCCEEDED)
    assert happen(storing, CancelAsked(), START + 9 * SECOND) is storing


def test_a_cancel_that_nobody_confirms_ends_after_a_minute_and_is_still_watched() -> None:
    ended = unconfirmed()
    assert (ended.status, ended.stage) == (Status.CANCELED, Stage.DONE)
    assert ended.work and ended.work.kind is WorkKind.RECONCILE


def test_a_result_after_an_unconfirmed_cancel_is_stored_and_the_end_stays() -> None:
    late = happen(unconfirmed(), SUCCEEDED, MUCH_LATER + SECOND)
    assert (late.status, len(late.files)) == (Status.CANCELED, 2)
    assert late.work and late.work.kind is WorkKind.COLLECT
    settled = happen(late, STORED, MUCH_LATER + 2 * SECOND)
    assert (settled.status, settled.files, settled.work) == (Status.CANCELED, STORED_FILES, None)
    assert settled.completed_at == unconfirmed().completed_at


def test_a_confirmed_cancel_is_over() -> None:
    over = after(RUNNING, CANCELED)
    assert happen(over, SUCCEEDED, MUCH_LATER) is over


def purchase_unknown() -> Prediction:
    return after(Asked(), Unanswered(), GaveUp())


def test_a_purchase_that_turns_up_is_stored_though_it_had_ended_as_unknown() -> None:
    unknown = purchase_unknown()
    assert unknown.failure and unknown.failure.code is FailureCode.PURCHASE_UNKNOWN
    found = happen(unknown, RUNNING, MUCH_LATER)
    assert found.provider_id == "ours"
    assert found.work and found.work.kind is WorkKind.RECONCILE
    settled = happen(happen(found, SUCCEEDED, MUCH_LATER + SECOND), STORED, MUCH_LATER + 2 * SECOND)
    assert (settled.status, settled.failure, settled.files) == (Status.FAILED, unknown.failure, STORED_FILES)


def test_a_job_that_ends_after_we_stopped_waiting_is_stored() -> None:
    timed_out = after(RUNNING, GaveUp())
    assert timed_out.failure and timed_out.failure.code is FailureCode.TIMED_OUT
    assert happen(happen(timed_out, SUCCEEDED, MUCH_LATER), STORED, MUCH_LATER + SECOND).files == STORED_FILES


def test_what_the_provider_lost_and_found_again_is_stored() -> None:
    lost = happen(after(RUNNING), Heard(forgotten()), MUCH_LATER)
    assert (lost.status, lost.failure, lost.work) == (Status.FAILED, FORGOTTEN, None)
    settled = happen(happen(lost, SUCCEEDED, MUCH_LATER + SECOND), STORED, MUCH_LATER + 2 * SECOND)
    assert (settled.status, settled.failure, settled.files) == (Status.FAILED, FORGOTTEN, STORED_FILES)


def forgotten() -> Report:
    return Report("ours", ProviderState.FAILED, failure=FORGOTTEN)


def test_a_late_output_that_cannot_be_had_is_told_as_lost() -> None:
    late = happen(unconfirmed(), SUCCEEDED, MUCH_LATER + SECOND)
    pending = Collected((STORED_FILES[0], late.files[1]))
    tried = happen(late, pending, MUCH_LATER + 2 * SECOND)
    assert tried.work and tried.work.kind is WorkKind.COLLECT
    given_up = happen(tried, GaveUp(), MUCH_LATER + timedelta(hours=1))
    assert [file.state for file in given_up.files] == [FileState.STORED, FileState.LOST]
    assert happen(late, ONE_LOST, MUCH_LATER + 2 * SECOND).work is None


def test_a_late_end_without_outputs_settles_it() -> None:
    assert happen(unconfirmed(), FAILED, MUCH_LATER + SECOND).work is None
    assert happen(unconfirmed(), GaveUp(), MUCH_LATER + SECOND).work is None


def test_a_create_that_never_arrived_may_be_sent_again() -> None:
    again = after(Asked(), Unanswered(), NeverArrived())
    assert again.asked_at is None
    assert again.work and again.work.kind is WorkKind.SUBMIT


def test_but_not_one_that_is_known_or_that_nobody_wants() -> None:
    known = happen(after(Asked(), QUEUED), NeverArrived(), START + 9 * SECOND)
    assert known.provider_id == "ours"
    assert known.work and known.work.kind is WorkKind.RECONCILE
    assert after(Asked(), CancelAsked(), Unanswered(), NeverArrived()).status is Status.CANCELED


def test_a_success_without_outputs_is_looked_at_once_more_before_it_counts() -> None:
    thin = after(RUNNING, EMPTY)
    assert thin.status is Status.PROCESSING
    assert thin.work and (thin.work.kind, thin.work.due_at) == (WorkKind.RECONCILE, START + 2 * SECOND)
    assert after(RUNNING, EMPTY, SUCCEEDED, STORED).status is Status.SUCCEEDED
    assert after(RUNNING, EMPTY, EMPTY).status is Status.FAILED
