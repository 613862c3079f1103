"""Rates: written in a few ways, read in one; what is no rate is refused with how to write one."""

import pytest

from app.domain.rates import Rate, Standing, parse_rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/minute", Rate(10, 60)),
        (" 10 / Minute ", Rate(10, 60)),
        ("10 per minute", Rate(10, 60)),
        ("1/second", Rate(1, 1)),
        ("100 per 2 hours", Rate(100, 7200)),
        ("5/30seconds", Rate(5, 30)),
        ("1000/day", Rate(1000, 86_400)),
        ("0/minute", Rate(0, 60)),
        ("off", None),
        ("OFF", None),
    ],
)
def test_a_rate_is_requests_and_a_time(text: str, rate: Rate | None) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["", "0", "10", "minute", "10/", "/minute", "-1/minute", "1.5/minute", "10/fortnight", "1/s", "٣/minute"]
)
def test_what_is_none_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="such as 10/minute"):
        parse_rate(text)


def test_only_one_rate_is_taken() -> None:
    with pytest.raises(ValueError, match="is no rate"):
        parse_rate("1/second;10/minute")


@pytest.mark.parametrize("text", ["10/0 minutes", "9999999999/minute", "1/367 days", "1/999999999 days"])
def test_a_rate_has_bounds(text: str) -> None:
    with pytest.raises(ValueError, match="out of bounds"):
        parse_rate(text)


def test_the_last_request_of_a_rate_is_within_it_and_the_next_is_over() -> None:
    rate = Rate(3, 60)
    assert [Standing(rate, counted, 10).is_over for counted in (1, 3, 4)] == [False, False, True]
    assert [Standing(rate, counted, 10).remaining for counted in (1, 3, 4)] == [2, 0, 0]
    assert Standing(Rate(0, 60), 1, 60).is_over


def test_who_waits_as_long_as_told_finds_a_new_window() -> None:
    left = {0.0: 1, 0.2: 1, 1.0: 1, 41.001: 42, 59.9: 60, 60.3: 60}
    assert {seconds: Standing(Rate(1, 60), 1, seconds).reset_after for seconds in left} == left
