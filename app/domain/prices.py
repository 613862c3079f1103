"""What a create will cost: the model's price, times what is asked for."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from app.domain.model import Criterion, Model

COUNTS = ("num_outputs", "number_of_images", "num_images", "n")
LENGTHS = ("duration", "duration_seconds", "seconds", "num_seconds", "length")
WHOLE = ("image", "video", "song", "audio", "prediction", "request", "generation", "run")
"""Units of which every output is one."""
SECONDS = {"second": 1, "audio_second": 1, "video_second": 1, "5_second": 5, "minute": 60}
MEGAPIXELS = ("megapixel", "image_megapixel")
MILLIONTH = Decimal("0.000001")
MOST = Decimal(100_000)


def price_of(model: Model, given: Mapping[str, Any]) -> Decimal | None:
    """USD for one prediction, rounded up to a millionth; None where nobody can tell before it is made.

    `amount × outputs`, times the length in seconds or the megapixels where the price is by those (from the input, else
    the schema's default). Of several criteria that hold the dearest counts: rather too much is held than too little.
    """
    price = model.price
    if price is None or price.currency != "USD":
        return None
    of_each = _units(model, given, price.unit.lower().strip().replace(" ", "_").removesuffix("s"))
    if of_each is None:
        return None
    amounts = [each.amount for each in price.criteria if _holds(each, given.get(each.field))]
    count = _number(model, given, COUNTS, Decimal(1)) or Decimal(1)
    return (max(amounts, default=price.amount) * count * of_each).quantize(MILLIONTH, rounding=ROUND_CEILING)


def _units(model: Model, given: Mapping[str, Any], unit: str) -> Decimal | None:
    """How many of the price's units one output is; None for computing time, tokens and other surprises."""
    if unit in WHOLE:
        return Decimal(1)
    if unit in SECONDS:
        length = _number(model, given, LENGTHS)
        return None if length is None else (length / SECONDS[unit]).to_integral_value(ROUND_CEILING)
    if unit in MEGAPIXELS:
        width, height = _number(model, given, ("width",)), _number(model, given, ("height",))
        return None if width is None or height is None else width * height / 1_000_000
    return None


def _number(
    model: Model, given: Mapping[str, Any], names: tuple[str, ...], otherwise: Decimal | None = None
) -> Decimal | None:
    known = model.input_schema.get("properties")
    schema = known if isinstance(known, Mapping) else {}
    defaults = [schema[name].get("default") for name in names if isinstance(schema.get(name), Mapping)]
    for value in (*(given.get(name) for name in names), *defaults):
        number = _decimal(value)
        if number is not None and 0 < number <= MOST:
            return number
    return otherwise


def _holds(criterion: Criterion, value: Any) -> bool:
    if criterion.operator in ("==", "=", "eq"):
        return str(value).casefold() == str(criterion.value).casefold()
    ours, theirs = _decimal(value), _decimal(criterion.value)
    if ours is None or theirs is None:
        return False
    match criterion.operator:
        case ">" | "gt":
            return ours > theirs
        case ">=" | "gte":
            return ours >= theirs
        case "<" | "lt":
            return ours < theirs
        case "<=" | "lte":
            return ours <= theirs
        case _:
            return False


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
