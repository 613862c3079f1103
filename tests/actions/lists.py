"""Providers that tell their models, or do not, and are asked for nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from app.actions.list_models import ModelList
from app.db.engine import Database
from app.domain.model import Model, Price
from app.domain.ports import Providers, Unavailable
from app.providers.price_table import PriceTable

TEXT = {"type": "string"}


@dataclass
class Lister:
    told: Sequence[Model] | None
    asked: int = field(default=0, init=False)

    async def models(self) -> Sequence[Model]:
        self.asked += 1
        if self.told is None:
            raise Unavailable("away")
        return self.told


def model(provider: str, slug: str, amount: str | None = "0.03", kind: str = "image", **fields: Any) -> Model:
    known = {"prompt": TEXT, **fields}
    price = None if amount is None else Price(Decimal(amount), "USD", "image")
    return Model(provider, slug, kind, input_schema={"type": "object", "properties": known}, price=price)


def lists(database: Database, **listers: Lister) -> ModelList:
    return ModelList(database, cast(Providers, listers), PriceTable())
