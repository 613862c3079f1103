"""A model as its provider lists it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Criterion:
    """`amount` instead of the price's own where the input's `field` stands so to `value`."""

    field: str
    operator: str
    value: Any
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """`amount` in `currency` for one `unit` (image, second, prediction, …)."""

    amount: Decimal
    currency: str
    unit: str
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """`slug` is what a create names; `input_schema` is a JSON Schema, empty where the provider gives none.

    `operations` are told where kind and schema do not tell them (`domain.operations`); `usual_seconds` where somebody
    knows how long it commonly takes.
    """

    provider: str
    slug: str
    kind: str
    description: str = ""
    input_schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    price: Price | None = None
    offline: bool = False
    operations: tuple[str, ...] = ()
    usual_seconds: float | None = None
