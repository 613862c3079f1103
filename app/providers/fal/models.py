"""The models that are offered, as data: fal's catalogue has over a thousand, in shapes that nobody here has tried."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from app.domain.model import Model, Price
from app.providers.fal.endpoints import submit_path

SHIPPED = Path(__file__).with_name("models.toml")


class UnusableModels(ValueError):
    """The text says which entry of which file, and why."""


def load_models(own: Path | None = None) -> tuple[Model, ...]:
    """The shipped ones and the operator's own, which win. Raises UnusableModels."""
    models = {model.slug: model for path in (SHIPPED, own) if path is not None for model in read_models(path)}
    return tuple(models.values())


def usd_per_unit(models: tuple[Model, ...]) -> Mapping[str, Decimal]:
    """By endpoint."""
    return {model.slug: model.price.amount for model in models if model.price is not None}


def read_models(path: Path) -> list[Model]:
    """`[[model]]` tables with `endpoint`, `kind`, and maybe `description`, `amount` (USD as a string), `unit`,
    `input_schema`, `operations` (where the schema does not tell them) and `usual_seconds`. Raises UnusableModels."""
    try:
        entries = tomllib.loads(path.read_text()).get("model", [])
    except (OSError, ValueError) as error:
        raise UnusableModels(f"{path.name} cannot be read ({type(error).__name__})") from error
    if not isinstance(entries, list):
        raise UnusableModels(f"{path.name} needs [[model]] tables")
    return [_model(entry, f"{path.name}, model {number}") for number, entry in enumerate(entries, 1)]


def _model(given: Any, where: str) -> Model:
    entry = given if isinstance(given, Mapping) else {}
    endpoint, schema = entry.get("endpoint"), entry.get("input_schema", {})
    if not isinstance(endpoint, str) or "/" not in endpoint or submit_path(endpoint) is None:
        raise UnusableModels(f"{where} needs an endpoint such as fal-ai/flux/dev")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise UnusableModels(f"{where} has an input_schema that is no JSON Schema") from error
    return Model(
        provider="fal",
        slug=endpoint,
        kind=str(entry.get("kind", "image")),
        description=str(entry.get("description", "")),
        input_schema=schema,
        price=_price(entry, where),
        operations=tuple(map(str, entry.get("operations", ()))),
        usual_seconds=entry.get("usual_seconds"),
    )


def _price(entry: Mapping[str, Any], where: str) -> Price | None:
    if "amount" not in entry:
        return None
    try:
        amount = Decimal(entry["amount"])
    except (TypeError, InvalidOperation) as error:
        raise UnusableModels(f'{where} needs an amount that is a string such as "0.03"') from error
    if not amount.is_finite() or amount < 0:
        raise UnusableModels(f"{where} has an amount that is no price")
    return Price(amount, "USD", str(entry.get("unit", "prediction")))
