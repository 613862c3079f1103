"""What a life costs: every ending, and the entries that tell of it."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from app.domain.events import CancelAsked, Event, GaveUp, Unanswered
from app.domain.money import Entry, EntryKind, Remark, entries
from app.domain.prediction import Prediction
from app.domain.report import ProviderState
from tests.domain.life import (
    ALPHABET,
    BILL,
    BILLED,
    CANCELED,
    EMPTY,
    FAILED,
    FAILED_AND_BILLED,
    ONE_LOST,
    PRICE,
    QUEUED,
    STORED,
    SUCCEEDED,
    after,
    new_prediction,
    told,
)

ASKED, GAVE_UP = ALPHABET["asked"], GaveUp()

ENDINGS: dict[str, tuple[list[Event], Decimal | None]] = {
    "stored and billed costs its bill": ([BILLED, STORED], BILL),
    "stored and not billed costs its price": ([SUCCEEDED, STORED], PRICE),
    "stored for nothing costs nothing": (
        [told(ProviderState.SUCCEEDED, outputs=("https://cdn.example/0.png",), billed=Decimal(0)), STORED],
        Decimal(0),
    ),
    "a bill that comes while it is stored counts": ([SUCCEEDED, BILLED, STORED], BILL),
    "outputs that we lost were made all the same": ([SUCCEEDED, ONE_LOST], PRICE),
    "failed there": ([FAILED], None),
    "failed there and billed": ([FAILED_AND_BILLED], BILL),
    "canceled there": ([QUEUED, CANCELED], None),
    "canceled before it was bought": ([CancelAsked()], None),
    "refused": ([ASKED, ALPHABET["refused"]], None),
    "succeeded with nothing": ([EMPTY, EMPTY], None),
    "never to be known": ([ASKED, Unanswered(), GAVE_UP], None),
    "bought after all": ([ASKED, Unanswered(), GAVE_UP, BILLED], BILL),
    "bought after all, and no bill": ([ASKED, Unanswered(), GAVE_UP, SUCCEEDED], PRICE),
}


@pytest.mark.parametrize(("events", "cost"), ENDINGS.values(), ids=ENDINGS.keys())
def test_every_ending_has_its_price(events: list[Event], cost: Decimal | None) -> None:
    ended = after(*events)
    assert ended.status.is_final
    assert (ended.held, ended.captured) == (Decimal(0), cost)
    assert _noted(events) == (Decimal(0), cost or Decimal(0))


def test_while_it_lasts_its_price_is_held() -> None:
    for events in ([], [QUEUED], [BILLED], [ASKED, Unanswered()], [QUEUED, CancelAsked()]):
        assert (after(*events).held, after(*events).captured) == (PRICE, None)


def test_an_entry_says_what_is_odd() -> None:
    before = new_prediction()
    assert entries(None, before) == [Entry(EntryKind.HOLD, PRICE)]
    assert _last([FAILED]) == Entry(EntryKind.RELEASE, -PRICE)
    assert _last([BILLED, STORED]) == Entry(EntryKind.CAPTURE, -PRICE, BILL)
    assert _last([SUCCEEDED, STORED]) == Entry(EntryKind.CAPTURE, -PRICE, PRICE, Remark.ESTIMATED)
    assert _last([ASKED, Unanswered(), GAVE_UP, BILLED]) == Entry(EntryKind.CAPTURE, Decimal(0), BILL, Remark.LATE)
    dear = replace(before, held=Decimal("0.01"))
    ended = after(BILLED, STORED, start=dear)
    assert entries(after(BILLED, start=dear), ended)[-1].remark is Remark.OVER_THE_HOLD


def _last(events: list[Event]) -> Entry:
    return entries(after(*events[:-1]), after(*events))[-1]


def _noted(events: list[Event]) -> tuple[Decimal, Decimal]:
    """The sums of the ledger after the events."""
    lives: list[Prediction | None] = [None, *(after(*events[:count]) for count in range(len(events) + 1))]
    noted = [entry for before, then in pairwise(lives) if then for entry in entries(before, then)]
    return sum((each.held for each in noted), Decimal(0)), sum((each.captured for each in noted), Decimal(0))
