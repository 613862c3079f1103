"""An entry of `GET /models` as a Model."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from app.domain.model import Criterion, Model, Price

LARGEST_PRICE = 1_000_000


def read_model(entry: Any) -> Model | None:
    """None for what has no slug, cannot be predicted with (text models), or is malformed."""
    if not isinstance(entry, Mapping) or entry.get("type") in ("text", "code"):
        return None
    slug = entry.get("namespace") or entry.get("slug") or entry.get("name")
    if not isinstance(slug, str) or not slug or not slug.isprintable():
        return None
    return Model(
        provider="skytells",
        slug=slug,
        kind=_text(entry.get("type"), "image"),
        description=_text(entry.get("description"), "")[:2000],
        input_schema=_schema(entry.get("input_schema")),
        price=_price(entry.get("pricing")),
        offline=entry.get("status") == "offline",
    )


def _schema(value: Any) -> Mapping[str, Any]:
    """A schema that is none, or that JSON and Postgres cannot keep, is as good as none given: the provider will judge
    the input itself."""
    if not isinstance(value, Mapping):
        return {}
    try:
        Draft202012Validator.check_schema(dict(value))
        kept = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (SchemaError, ValueError, RecursionError):
        return {}
    return {} if rb"\u0000" in kept else dict(value)


def _price(value: Any) -> Price | None:
    amount = _amount(value.get("amount")) if isinstance(value, Mapping) else None
    if amount is None:
        return None
    listed = value.get("criterias")
    criteria = tuple(each for each in map(_criterion, listed) if each) if isinstance(listed, list) else ()
    return Price(amount, _text(value.get("currency"), "USD").upper(), _text(value.get("unit"), "prediction"), criteria)


def _criterion(value: Any) -> Criterion | None:
    """`{field, operator, value, billable_price}`; what is malformed bounds nothing."""
    amount = _amount(value.get("billable_price")) if isinstance(value, Mapping) else None
    if amount is None or not isinstance(value.get("value"), str | int | float | bool):
        return None
    return Criterion(_text(value.get("field"), ""), _text(value.get("operator"), "=="), value["value"], amount)


def _amount(given: Any) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        amount = Decimal(str(given))
    except (InvalidOperation, ValueError):
        return None
    return amount if amount.is_finite() and 0 <= amount <= LARGEST_PRICE else None


def _text(value: Any, otherwise: str) -> str:
    """Without NUL and halves of surrogate pairs, which Postgres cannot keep."""
    if not isinstance(value, str):
        return otherwise
    return value.replace("\0", "").encode(errors="ignore").decode() or otherwise
