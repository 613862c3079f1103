"""Whatever of a prediction's reports comes, in which order and how often, reconciling leads to the same end (I7)."""

from decimal import Decimal
from itertools import chain, combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.events import Asked, Collected, Event, GaveUp, Heard, NotReached, Unanswered
from app.domain.prediction import Prediction, Status
from app.domain.report import ProviderState
from tests.domain.life import (
    CANCELED,
    EMPTY,
    FAILED,
    ONE_LOST,
    ONE_PENDING,
    ONE_REJECTED,
    OUTPUTS,
    QUEUED,
    RUNNING,
    STORED,
    SUCCEEDED,
    after,
    told,
)

BILLED = told(ProviderState.SUCCEEDED, outputs=OUTPUTS, billed=Decimal("0.03"))
ENDS: dict[str, tuple[Heard, Status]] = {
    "succeeded": (SUCCEEDED, Status.SUCCEEDED),
    "billed": (BILLED, Status.SUCCEEDED),
    "succeeded with nothing": (EMPTY, Status.FAILED),
    "failed": (FAILED, Status.FAILED),
    "canceled": (CANCELED, Status.CANCELED),
}
BEGINNINGS: dict[str, tuple[Event, ...]] = {
    "before it was asked for": (),
    "before the reply": (Asked(),),
    "after a try that was not heard": (Asked(), NotReached(), Asked()),
    "after a reply was lost": (Asked(), Unanswered()),
}


def reconciled(*events: Event, end: Heard, files: Collected = STORED) -> Prediction:
    """As after the last look: asked once more, and again for an end without outputs; the outputs fetched."""
    return after(*events, end, end, files)


def told_apart(prediction: Prediction) -> object:
    """All that clients see of an end, but for the times."""
    return (
        prediction.status,
        prediction.stage,
        prediction.provider_id,
        prediction.files,
        prediction.failure,
        prediction.billed,
        prediction.work,
        prediction.asked_at,
    )


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS.keys())
@pytest.mark.parametrize(("end", "status"), ENDS.values(), ids=ENDS.keys())
def test_every_order_of_every_part_of_the_reports_ends_alike(
    end: Heard, status: Status, beginning: tuple[Event, ...]
) -> None:
    reports = (QUEUED, RUNNING, end, end)
    parts = chain.from_iterable(permutations(reports, length) for length in range(len(reports) + 1))
    expected = told_apart(reconciled(*beginning, QUEUED, RUNNING, end=end))
    for part in parts:
        found = reconciled(*beginning, *part, end=end)
        assert found.status is status
        assert told_apart(found) == expected


@pytest.mark.parametrize(
    ("files", "status"),
    [(STORED, Status.SUCCEEDED), (ONE_LOST, Status.FAILED), (ONE_REJECTED, Status.FAILED)],
    ids=["stored", "lost", "rejected"],
)
def test_reports_between_the_attempts_to_fetch_change_nothing(files: Collected, status: Status) -> None:
    late = (QUEUED, RUNNING, FAILED, CANCELED, SUCCEEDED)
    expected = told_apart(after(SUCCEEDED, ONE_PENDING, files))
    for chosen in chain.from_iterable(combinations(late, length) for length in range(len(late) + 1)):
        found = after(SUCCEEDED, *chosen, ONE_PENDING, *chosen, files, *chosen)
        assert found.status is status
        assert told_apart(found) == expected


@given(
    st.sampled_from(list(ENDS.values())),
    st.sampled_from(list(BEGINNINGS.values())),
    st.lists(st.sampled_from(["queued", "running", "end", "another", "another's end"]), max_size=30),
)
def test_a_storm_of_deliveries_ends_like_a_single_look(
    end: tuple[Heard, Status], beginning: tuple[Event, ...], storm: list[str]
) -> None:
    words: dict[str, Event] = {
        "queued": QUEUED,
        "running": RUNNING,
        "end": end[0],
        "another": told(ProviderState.RUNNING, "another"),
        "another's end": told(ProviderState.FAILED, "another"),
    }
    found = reconciled(*beginning, QUEUED, *(words[word] for word in storm), end=end[0])
    assert found.status is end[1]
    assert told_apart(found) == told_apart(reconciled(*beginning, end=end[0]))


def test_of_two_ends_that_disagree_the_first_stands() -> None:
    ends = (SUCCEEDED, FAILED, CANCELED)
    for first, second in permutations(ends, 2):
        both = after(first, second, STORED)
        assert told_apart(both) == told_apart(after(first, STORED))


def test_giving_up_after_the_end_takes_nothing_back() -> None:
    assert after(SUCCEEDED, STORED, GaveUp()).status is Status.SUCCEEDED
