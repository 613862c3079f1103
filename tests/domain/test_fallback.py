"""Who else may make it, and when nobody else is asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.events import Asked, Event, GaveUp, NotReached, PutOff, Refused, Unanswered
from app.domain.prediction import Stage, Status
from app.domain.steps import waited
from tests.domain.life import (
    DEAREST,
    FILTERED,
    QUEUED,
    REFUSED,
    SECOND,
    STAND_BY,
    START,
    TERMS,
    after,
    new_prediction,
    with_fallback,
)


def test_a_refusal_leads_to_the_next_which_is_asked_as_if_it_were_the_first() -> None:
    second = after(Asked(), Refused(REFUSED), start=with_fallback())
    chosen = STAND_BY[0]
    assert (second.provider, second.model, second.price) == (chosen.provider, chosen.model, chosen.price)
    assert (second.callback_token, second.fallback) == (chosen.callback_token, STAND_BY[1:])
    assert (second.stage, second.asked_at, second.held) == (Stage.SUBMITTING, None, DEAREST)
    assert second.work and second.work.attempts == 0
    assert second.work.deadline_at == START + 2 * SECOND + TERMS.submit_within


def test_so_does_a_deadline_that_passed_before_anybody_was_reached() -> None:
    assert after(NotReached(), GaveUp(), start=with_fallback()).model == STAND_BY[0].model
    assert after(NotReached(), GaveUp(), GaveUp(), GaveUp(), start=with_fallback()).status is Status.FAILED


@pytest.mark.parametrize(
    "events",
    [
        (Asked(), Refused(FILTERED)),
        (Asked(), Unanswered(), GaveUp()),
        (Asked(), QUEUED, GaveUp()),
        (Asked(), GaveUp()),
    ],
    ids=["its moderation refused it", "it may have been heard", "it was accepted", "nobody knows what became of it"],
)
def test_nobody_else_is_asked_where(events: tuple[Event, ...]) -> None:
    end = after(*events, start=with_fallback())
    assert (end.status, end.model, end.fallback) == (Status.FAILED, with_fallback().model, ())


def test_the_clock_of_who_waits_for_a_turn_stands_still() -> None:
    waiting = after(PutOff(timedelta(hours=1)))
    assert waiting.work and waiting.work.waits_since == START + SECOND
    assert waiting.work.attempts == 0
    later = waited(waiting.work, START + timedelta(hours=3))
    assert later.deadline_at == START + timedelta(hours=3) + TERMS.submit_within - SECOND
    assert later.waits_since is None


def test_that_of_who_was_told_to_come_later_runs_until_then_and_stands_still_from_there() -> None:
    told = after(Asked(), NotReached(timedelta(seconds=20), limited=True))
    assert told.work and told.work.waits_since and told.asked_at is None
    assert told.work.due_at == START + 22 * SECOND
    punctual, late = waited(told.work, told.work.due_at), waited(told.work, told.work.due_at + timedelta(hours=1))
    assert punctual.deadline_at == START + TERMS.submit_within
    assert late.deadline_at == punctual.deadline_at + timedelta(hours=1)


def test_what_was_asked_is_never_put_off() -> None:
    asked = replace(new_prediction(), asked_at=START, stage=Stage.SUBMITTING)
    assert after(PutOff(SECOND), start=asked).work != after(PutOff(SECOND)).work
    assert after(PutOff(SECOND), start=asked).asked_at == START
