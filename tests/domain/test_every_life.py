"""Every sequence of events, told in any order by anybody: what must never happen does not."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.domain.events import Collected, Event, Looked, NotReached, PutOff
from app.domain.prediction import Prediction, Stage, Status
from app.domain.steps import waited
from app.domain.work import Terms
from tests.domain.life import (
    ALPHABET,
    ONE_PENDING,
    SECOND,
    STAND_BY,
    START,
    TERMS,
    check_state,
    check_step,
    claimed,
    new_prediction,
    with_fallback,
)

LENGTH = 7


@pytest.mark.parametrize("start", [new_prediction(), with_fallback()], ids=["alone", "with others standing by"])
def test_no_sequence_of_events_breaks_a_promise(start: Prediction) -> None:
    """All of them up to seven long: 25 events, so more than a thousand million sequences.

    `advance` is pure, so sequences that have led to equal predictions by the same time go on alike and are followed
    once.
    """
    lives = {_key(start): start}
    sequences = 0
    for step in range(1, LENGTH + 1):
        now = START + step * SECOND
        sequences += len(ALPHABET) ** step
        lives = {
            _key(result): result
            for prediction in lives.values()
            for event in ALPHABET.values()
            for result in (check_step(claimed(prediction, event, now), event, now),)
        }
    assert sequences > 1_000_000_000
    assert {life.stage for life in lives.values()} == set(Stage)
    assert {life.status for life in lives.values()} == set(Status)


def _key(prediction: Prediction) -> object:
    """All that can differ between two lives of the same prediction."""
    return (
        prediction.stage,
        prediction.status,
        prediction.provider_id,
        prediction.asked_at,
        prediction.cancel_asked_at,
        prediction.started_at,
        prediction.reported_at,
        prediction.completed_at,
        prediction.updated_at,
        prediction.files,
        prediction.failure,
        prediction.work,
        prediction.billed,
        prediction.held,
        prediction.captured,
        prediction.model,
        prediction.fallback,
    )


@pytest.mark.parametrize("event", ALPHABET.values(), ids=ALPHABET.keys())
def test_a_final_prediction_ignores_everything_and_stays_the_same_object(event: Event) -> None:
    for end in ("refused", "failed", "canceled", "gave up"):
        now = START + SECOND
        final = check_step(new_prediction(), ALPHABET[end], now)
        assert final.status.is_final
        assert check_step(final, event, now + SECOND) is final


SLEEPS = st.timedeltas(timedelta(), timedelta(days=2))
PAUSES = st.none() | st.timedeltas(timedelta(), timedelta(days=2))
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from(list(ALPHABET.values())),
    PAUSES.map(NotReached),
    PAUSES.map(lambda pause: NotReached(pause, limited=True)),
    SLEEPS.map(PutOff),
    PAUSES.map(Looked),
    PAUSES.map(lambda pause: Collected(ONE_PENDING.files, pause)),
)
STEPS = st.lists(st.tuples(EVENTS, st.timedeltas(timedelta(), timedelta(hours=2))), max_size=40)
SPANS = st.timedeltas(timedelta(milliseconds=1), timedelta(days=1))


STARTS = st.sampled_from([new_prediction(), with_fallback()])


@given(STARTS, STEPS, st.builds(Terms, SPANS, SPANS, SPANS, SPANS, SPANS, SPANS))
@hypothesis_settings(deadline=None)
def test_nor_does_a_long_life_under_any_terms(
    start: Prediction, steps: list[tuple[Event, timedelta]], terms: Terms
) -> None:
    prediction, now = start, START
    for event, pause in steps:
        now += pause
        prediction = check_step(claimed(prediction, event, now), event, now, terms)
        check_state(prediction)


@given(STARTS, STEPS)
@hypothesis_settings(deadline=None)
def test_work_is_never_put_off_beyond_its_deadline(start: Prediction, steps: list[tuple[Event, timedelta]]) -> None:
    """But for looks and turns that could not be had; and the clock of whoever waits in the line stands still."""
    prediction, now = start, START
    for event, pause in steps:
        now += pause
        before = claimed(prediction, event, now)
        prediction = check_step(before, event, now)
        if prediction.work is not None and prediction.work != before.work and not isinstance(event, Looked | PutOff):
            work = waited(prediction.work, prediction.work.due_at)
            assert work.due_at <= max(work.deadline_at, now)


@given(STARTS, STEPS)
@hypothesis_settings(deadline=None)
def test_whoever_does_what_is_owed_until_its_deadline_comes_to_an_end(
    start: Prediction, steps: list[tuple[Event, timedelta]]
) -> None:
    prediction, now = start, START
    for event, pause in steps:
        now += pause
        prediction = check_step(claimed(prediction, event, now), event, now)
    assert _ended(prediction, now).status.is_final


def _ended(prediction: Prediction, now: datetime) -> Prediction:
    for _ in range(4 + len(STAND_BY)):
        if prediction.work is None:
            return prediction
        now = max(waited(prediction.work, now).deadline_at, now)
        prediction = check_step(claimed(prediction, ALPHABET["gave up"], now), ALPHABET["gave up"], now, TERMS)
    raise AssertionError(f"still owes {prediction.work}")
