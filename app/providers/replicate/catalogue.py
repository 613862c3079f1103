"""The models that are offered: a small table of well-known ones, since Replicate's own list has tens of thousands.

Others join by their names (`slugs` of the adapter): a private model, a pinned version, a deployment. Kinds and prices
come from the table, descriptions and schemas from the API.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.model import Model, Price
from app.providers.replicate.schemas import input_schema

PROVIDER = "replicate"
SHIPPED = Path(__file__).with_name("models.toml")
LONGEST_DESCRIPTION = 2000


def read_catalogue(path: Path) -> Mapping[str, Model]:
    """`[[model]]` tables with `slug`, `kind` and, if known, `amount` (USD as a string) and `unit`, `operations` where
    the schema does not tell them, and `usual_seconds`; by slug."""
    entries = tomllib.loads(path.read_text())["model"]
    return {entry["slug"]: _model(entry) for entry in entries}


def _model(entry: Mapping[str, Any]) -> Model:
    return Model(
        PROVIDER,
        entry["slug"],
        entry["kind"],
        price=_price(entry),
        operations=tuple(entry.get("operations", ())),
        usual_seconds=entry.get("usual_seconds"),
    )


def _price(entry: Mapping[str, Any]) -> Price | None:
    return Price(Decimal(entry["amount"]), "USD", entry["unit"]) if "amount" in entry else None


WELL_KNOWN = read_catalogue(SHIPPED)


def known_model(slug: str) -> Model:
    """As the table has it; otherwise a bare one."""
    return WELL_KNOWN.get(slug) or Model(PROVIDER, slug, "image")


def described(slug: str, entry: Mapping[str, Any]) -> Model:
    """With what the API tells of it: `entry` is a model object, or a version's with its schema in itself."""
    latest = entry.get("latest_version")
    version = latest if isinstance(latest, Mapping) else entry
    schema = input_schema(version.get("openapi_schema"))
    return replace(known_model(slug), description=_text(entry.get("description")), input_schema=schema)


def _text(value: Any) -> str:
    """Without NUL and halves of surrogate pairs, which Postgres cannot keep."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode(errors="ignore").decode()[:LONGEST_DESCRIPTION]
