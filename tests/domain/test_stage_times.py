"""Time in each stage."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.stage_times import BUCKETS, bucket_of, stage_times

START = datetime(2026, 11, 21, tzinfo=UTC)


def at(*entered: tuple[str, float]) -> list[tuple[str, datetime]]:
    return [(stage, START + timedelta(seconds=seconds)) for stage, seconds in entered]


def test_each_stage_lasts_until_the_next() -> None:
    life = at(("queued", 0), ("waiting", 1), ("storing", 5), ("done", 6))
    assert stage_times(life) == {"queued": 1, "waiting": 4, "storing": 1, "total": 6}


def test_a_stage_entered_twice_is_one() -> None:
    assert stage_times(at(("queued", 0), ("submitting", 1), ("queued", 2), ("done", 4)))["queued"] == 3


def test_a_clock_that_went_back_takes_nothing_away() -> None:
    assert stage_times(at(("queued", 5), ("done", 4))) == {"queued": 0, "total": 0}


@pytest.mark.parametrize(("seconds", "bound"), [(0, 0.1), (0.1, 0.1), (0.11, 0.25), (600, 600), (601, float("inf"))])
def test_a_bucket_holds_what_fits_under_its_bound(seconds: float, bound: float) -> None:
    assert bucket_of(seconds) == bound
    assert list(BUCKETS) == sorted(BUCKETS)
