from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.work import Terms, Work, WorkKind, backoff

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(milliseconds=1), timedelta(days=30))
ATTEMPTS = st.integers(0, 10**9)


def seconds(*values: float) -> list[timedelta]:
    return [timedelta(seconds=value) for value in values]


def test_the_first_look_comes_at_the_usual_time_and_the_others_at_growing_pauses() -> None:
    assert [Terms().look_after(attempts) for attempts in range(7)] == seconds(5, 2, 4, 8, 15, 15, 15)


def test_a_job_that_commonly_takes_long_is_still_looked_at_in_time() -> None:
    assert Terms(usual_time=timedelta(minutes=3)).look_after(0) == Terms().look_every


def test_a_provider_may_ask_for_a_shortest_pause() -> None:
    terms = Terms(look_at_least=timedelta(seconds=10))
    assert [terms.look_after(attempts) for attempts in range(5)] == seconds(10, 10, 10, 10, 15)


@given(SPANS, SPANS, ATTEMPTS)
def test_no_pause_is_longer_than_look_every(usual: timedelta, every: timedelta, attempts: int) -> None:
    terms = Terms(usual_time=usual, look_every=every)
    assert timedelta() < terms.look_after(attempts) <= every


@given(SPANS, ATTEMPTS.filter(bool))
def test_pauses_between_looks_never_shrink(every: timedelta, attempts: int) -> None:
    terms = Terms(look_every=every)
    assert terms.look_after(attempts) <= terms.look_after(attempts + 1)


def test_backoff_doubles_from_half_a_second() -> None:
    assert [backoff(attempts) for attempts in range(9)] == seconds(0.5, 0.5, 1, 2, 4, 8, 16, 30, 30)


@given(SPANS, ATTEMPTS)
def test_backoff_never_shrinks_and_never_exceeds_its_limit(longest: timedelta, attempts: int) -> None:
    assert timedelta() < backoff(attempts, longest) <= backoff(attempts + 1, longest) <= longest


@given(SPANS, st.timedeltas(timedelta(), timedelta(days=300)))
def test_work_is_put_off_until_its_deadline_at_most(left: timedelta, pause: timedelta) -> None:
    work = Work(WorkKind.COLLECT, due_at=NOW, deadline_at=NOW + left, attempts=3)
    later = work.due_after(pause, NOW)
    assert later.due_at == min(NOW + pause, NOW + left)
    assert (later.kind, later.deadline_at, later.attempts) == (work.kind, work.deadline_at, work.attempts)


def test_the_terms_promise_what_the_invariants_ask() -> None:
    """A lost webhook heals within 20 s and within a third of the outputs' life (I9)."""
    terms = Terms()
    assert terms.look_every <= min(timedelta(seconds=20), terms.output_lifetime / 3)
