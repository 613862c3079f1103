"""Prices as data: a dated table for models whose provider tells none, and the operator's own, which win over all."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from app.domain.model import Model, Price

SHIPPED = Path(__file__).with_name("prices.toml")

Named = Mapping[tuple[str, str], Price]
"""By provider and model."""


class UnusablePrices(ValueError):
    """The text says which entry of which file, and why."""


@dataclass(frozen=True, slots=True)
class PriceTable:
    shipped: Named = field(default_factory=dict)
    own: Named = field(default_factory=dict)

    def priced(self, model: Model) -> Model:
        """With the operator's price, else the provider's, else the shipped one."""
        name = (model.provider, model.slug)
        return replace(model, price=self.own.get(name) or model.price or self.shipped.get(name))

    def all_priced(self, models: Iterable[Model]) -> list[Model]:
        return [self.priced(model) for model in models]


def load_prices(own: Path | None = None) -> PriceTable:
    """Raises UnusablePrices."""
    return PriceTable(read_prices(SHIPPED), {} if own is None else read_prices(own))


def read_prices(path: Path) -> Named:
    """`[[price]]` tables with `provider`, `model`, `amount` (USD as a string) and `unit`. Raises UnusablePrices."""
    try:
        entries = tomllib.loads(path.read_text()).get("price", [])
    except (OSError, ValueError) as error:
        raise UnusablePrices(f"{path.name} cannot be read ({type(error).__name__})") from error
    return dict(_named(entry, f"{path.name}, price {number}") for number, entry in enumerate(entries, 1))


def _named(entry: Any, where: str) -> tuple[tuple[str, str], Price]:
    try:
        names = (str(entry["provider"]), str(entry["model"]))
        amount, unit = Decimal(entry["amount"]), str(entry.get("unit", "prediction"))
    except (KeyError, TypeError, InvalidOperation) as error:
        raise UnusablePrices(f'{where} needs provider, model and amount (a string such as "0.03")') from error
    if not amount.is_finite() or amount < 0:
        raise UnusablePrices(f"{where} has an amount that is no price")
    return names, Price(amount, "USD", unit)
