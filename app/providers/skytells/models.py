"""An entry of `GET /models` as a Model."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from app.domain.model import Model, Price


def read_model(entry: Any) -> Model | None:
    """None for what has no slug, cannot be predicted with (text models), or is malformed."""
    if not isinstance(entry, Mapping) or entry.get("type") in ("text", "code"):
        return None
    slug = entry.get("namespace") or entry.get("slug") or entry.get("name")
    if not isinstance(slug, str) or not slug:
        return None
    return Model(
        provider="skytells",
        slug=slug,
        kind=str(entry.get("type", "image")),
        description=str(entry.get("description") or "")[:2000],
        input_schema=_schema(entry.get("input_schema")),
        price=_price(entry.get("pricing")),
        offline=entry.get("status") == "offline",
    )


def _schema(value: Any) -> Mapping[str, Any]:
    """A schema that is none is as good as none given: the provider will judge the input itself."""
    if not isinstance(value, Mapping):
        return {}
    try:
        Draft202012Validator.check_schema(dict(value))
    except SchemaError:
        return {}
    return dict(value)


def _price(value: Any) -> Price | None:
    if not isinstance(value, Mapping):
        return None
    try:
        amount = Decimal(str(value.get("amount")))
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0:
        return None
    return Price(amount, str(value.get("currency") or "USD").upper(), str(value.get("unit") or "prediction"))
