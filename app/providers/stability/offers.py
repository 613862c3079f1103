"""What is offered, as data: each model or edit with its path, its fields and its credits."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.model import Model, Price

PROVIDER = "stability"
SHIPPED = Path(__file__).with_name("models.toml")
USD_PER_CREDIT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Offer:
    """`path` is below `/v2beta/stable-image`. `sends` goes with every request, `sends_with_image` with those that have
    an `image`. `pictures` are the fields that hold one. `is_job`: it is started, then polled."""

    model: Model
    path: str
    sends: Mapping[str, str] = field(default_factory=dict)
    sends_with_image: Mapping[str, str] = field(default_factory=dict)
    pictures: frozenset[str] = frozenset()
    is_job: bool = False


def load_offers() -> tuple[Offer, ...]:
    text = tomllib.loads(SHIPPED.read_text())
    return tuple(_offer(entry, text["fields"]) for entry in text["model"])


def _offer(entry: Mapping[str, Any], fields: Mapping[str, Any]) -> Offer:
    properties = {name: fields[name] for name in entry["fields"]} | entry.get("properties", {})
    schema = {"type": "object", "required": entry["required"], "properties": properties} | entry.get("rules", {})
    model = Model(
        provider=PROVIDER,
        slug=entry["slug"],
        kind="image",
        description=entry["description"],
        input_schema=schema,
        price=Price(Decimal(entry["credits"]) * USD_PER_CREDIT, "USD", "image"),
        operations=tuple(entry["operations"]),
    )
    return Offer(
        model,
        entry["path"],
        entry.get("sends", {}),
        entry.get("sends_with_image", {}),
        frozenset(name for name, known in properties.items() if known.get("format") == "uri"),
        entry.get("is_job", False),
    )
