"""The last good model list of each provider, for all processes and across restarts."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import model_lists
from app.domain.model import Criterion, Model, Price

EXTRAS = ("operations", "usual_seconds")
"""In a column of their own, since an older release beside us reads `models`, and knows no such fields."""


async def save(tx: Transaction, provider: str, models: Sequence[Model]) -> None:
    renewed = {"models": [_json(model) for model in models], "extras": _extras(models), "fetched_at": func.now()}
    statement = upsert(model_lists).values(provider=provider, **renewed)
    await tx.execute(statement.on_conflict_do_update(index_elements=["provider"], set_=renewed))


async def load(tx: Transaction, provider: str) -> tuple[list[Model], timedelta] | None:
    """The list and its age; None if there never was one."""
    age = (func.now() - model_lists.c.fetched_at).label("age")
    query = select(model_lists.c.models, model_lists.c.extras, age).where(model_lists.c.provider == provider)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else ([_model(entry, row.extras) for entry in row.models], row.age)


def _json(model: Model) -> dict[str, Any]:
    told = {name: value for name, value in asdict(model).items() if name not in EXTRAS}
    return {**told, "price": model.price and _price_json(model.price)}


def _extras(models: Sequence[Model]) -> dict[str, dict[str, Any]]:
    """By slug, of those that tell any."""
    told = {model.slug: {name: getattr(model, name) for name in EXTRAS if getattr(model, name)} for model in models}
    return {slug: extras for slug, extras in told.items() if extras}


def _price_json(price: Price) -> dict[str, Any]:
    criteria = [{**asdict(each), "amount": str(each.amount)} for each in price.criteria]
    return {**asdict(price), "amount": str(price.amount), "criteria": criteria}


def _model(entry: dict[str, Any], extras: dict[str, dict[str, Any]]) -> Model:
    price, told = entry.pop("price"), extras.get(entry["slug"], {})
    return Model(
        **entry,
        price=price and _price(price),
        operations=tuple(told.get("operations", ())),
        usual_seconds=told.get("usual_seconds"),
    )


def _price(entry: dict[str, Any]) -> Price:
    """A list kept by an earlier release knows no criteria."""
    criteria = tuple(Criterion(**{**each, "amount": Decimal(each["amount"])}) for each in entry.get("criteria", ()))
    return Price(Decimal(entry["amount"]), entry["currency"], entry["unit"], criteria)
