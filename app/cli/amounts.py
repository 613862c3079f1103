"""What people type: rates, amounts of money, spans of time. What cannot be read is refused with its cure."""

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation

import typer

from app.domain.rates import parse_rate

LARGEST_USD = Decimal(1_000_000_000)
SMALLEST_USD = Decimal("0.000001")
LONGEST_DAYS = 365
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def rate(text: str) -> str:
    try:
        parse_rate(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from None
    return text.strip()


def usd(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= LARGEST_USD or amount % SMALLEST_USD:
        raise typer.BadParameter(
            f"{text!r} is no amount of USD; write it as 5 or 0.25, with at most six decimals. 0 buys nothing."
        )
    return amount


def span(text: str) -> timedelta:
    """`90s`, `30m`, `24h`, `7d`, `0`."""
    found = re.fullmatch(r"([0-9]{1,8})([smhd])|0", text.strip().lower())
    if found is None:
        raise typer.BadParameter(f"{text!r} is no span of time; write it as 90s, 30m, 24h or 7d.")
    given = timedelta(**{UNITS[found[2]]: int(found[1])}) if found[2] else timedelta()
    if given > timedelta(days=LONGEST_DAYS):
        raise typer.BadParameter(f"{text!r} is longer than a year.")
    return given


def label(text: str) -> str:
    """A name that fits a table's cell."""
    if not 1 <= len(text.strip()) <= 200 or not text.isprintable():
        raise typer.BadParameter("1 to 200 characters, none of which is a control.")
    return text.strip()
