"""The observer's and the sweep's judgement, on lives that went wrong in one way each."""

from dataclasses import replace

import pytest

from scripts.faultrun.budgets import PRICE
from scripts.faultrun.emulator import Sold
from scripts.faultrun.evidence import Row
from scripts.faultrun.history import Answer, Fetched, Story
from scripts.faultrun.observer import Life, Seen
from scripts.faultrun.sweep.lives import wrongs_of
from tests.faultrun.evidences import LENGTH, NOW, SHA, row, story

SOLD = Sold("sold-0", 0, "succeeded", "prompt 0", None, "token-0", NOW, PRICE, ((SHA, LENGTH),))


def test_a_life_that_went_well() -> None:
    assert wrongs_of(story(0), [row(0)], [SOLD]) == []


def test_a_life_whose_create_was_never_sent() -> None:
    unsold = story(0)
    unsold.final, unsold.fetched = "failed", []
    assert (
        wrongs_of(unsold, [row(0, status="failed", failure="purchase_unknown", provider_id=None, captured=None)], [])
        == []
    )


def _spoiled(**changed: object) -> Story:
    made = story(0)
    for name, value in changed.items():
        setattr(made, name, value)
    return made


WRONG: dict[str, tuple[Story, list[Row], list[Sold]]] = {
    "bought twice": (story(0), [row(0)], [SOLD, replace(SOLD, id="sold-1")]),
    "no row": (story(0), [], [SOLD]),
    "two rows": (story(0), [row(0), row(1)], [SOLD]),
    "stuck": (story(0), [row(0, status="processing", work="collect")], [SOLD]),
    "sold and unbound": (story(0), [row(0, provider_id=None, status="failed", failure="purchase_unknown")], [SOLD]),
    "sold and failed": (story(0), [row(0, status="failed", failure="output_lost")], [SOLD]),
    "unsold and succeeded": (story(0), [row(0)], []),
    "captured too much": (story(0), [row(0, captured=2 * PRICE)], [SOLD]),
    "captured nothing": (story(0), [row(0, captured=None)], [SOLD]),
    "captured and unsold": (story(0), [row(0, status="failed", failure="purchase_unknown", provider_id=None)], []),
    "still held": (story(0), [row(0, held=PRICE)], [SOLD]),
    "two ids": (_spoiled(ids=["row-0", "row-9"]), [row(0)], [SOLD]),
    "a 404": (_spoiled(answers=[Answer("read", NOW, 404)]), [row(0)], [SOLD]),
    "a 500": (_spoiled(answers=[Answer("read", NOW, 500)]), [row(0)], [SOLD]),
    "other bytes": (_spoiled(fetched=[Fetched("u", "b" * 64, 1, "b" * 64, 1)]), [row(0)], [SOLD]),
    "no bytes": (_spoiled(fetched=[]), [row(0)], [SOLD]),
}


@pytest.mark.parametrize(("told", "rows", "sold"), WRONG.values(), ids=WRONG)
def test_a_life_that_went_wrong(told: Story, rows: list[Row], sold: list[Sold]) -> None:
    assert wrongs_of(told, rows, sold)


FORWARD = [Seen("a", "starting", 1, None), Seen("a", "processing", 2, "p"), Seen("a", "succeeded", 3, "p")]


def test_a_row_that_goes_forward_is_seen_without_a_word() -> None:
    life = Life()
    for at, seen in enumerate(FORWARD):
        life.see([seen], at)
    assert (life.wrongs, life.count, life.unfinished) == ([], 1, 0)


@pytest.mark.parametrize(
    "then",
    [
        Seen("a", "failed", 4, "p"),
        Seen("a", "processing", 4, "p"),
        Seen("a", "succeeded", 2, "p"),
        Seen("a", "succeeded", 4, "q"),
    ],
    ids=["another end", "back to life", "an older version", "another purchase"],
)
def test_a_row_that_turns_round_is_noticed(then: Seen) -> None:
    life = Life()
    for at, seen in enumerate([*FORWARD, then]):
        life.see([seen], at)
    assert life.wrongs
