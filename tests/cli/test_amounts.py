"""What people type is understood, or refused with how to write it."""

from datetime import timedelta
from decimal import Decimal

import pytest
import typer

from app.cli import amounts


@pytest.mark.parametrize("text", ["0", "5", "0.25", "0.000001", "1e3", "1000000000"])
def test_money_is_a_number_of_usd(text: str) -> None:
    assert amounts.usd(text) == Decimal(text)


@pytest.mark.parametrize("text", ["", "-1", "-0.01", "NaN", "inf", "five", "5 USD", "$5", "0.0000001", "1000000001"])
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"is no amount of USD; write it as 5 or 0\.25"):
        amounts.usd(text)


def test_a_span_has_a_unit() -> None:
    spans = {"90s": 90, "30m": 1800, "24h": 86_400, "7D": 604_800, "0": 0, "0s": 0}
    assert {text: amounts.span(text) / timedelta(seconds=1) for text in spans} == spans


@pytest.mark.parametrize("text", ["", "soon", "24", "-1h", "1.5h", "1w", "h"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="write it as 90s, 30m, 24h or 7d"):
        amounts.span(text)


def test_a_span_is_at_most_a_year() -> None:
    assert amounts.span("365d") == timedelta(days=365)
    for text in ("366d", "99999999d"):
        with pytest.raises(typer.BadParameter, match="longer than a year"):
            amounts.span(text)


def test_a_rate_is_kept_as_it_was_written() -> None:
    assert [amounts.rate(text) for text in ("30/minute", " off ")] == ["30/minute", "off"]
    with pytest.raises(typer.BadParameter, match="such as 10/minute"):
        amounts.rate("30")


def test_a_name_is_printable() -> None:
    assert amounts.label(" ann ") == "ann"
    for text in ("", " ", "a\nb", "\x1b[31m", "a" * 201):
        with pytest.raises(typer.BadParameter, match="1 to 200 characters"):
            amounts.label(text)
