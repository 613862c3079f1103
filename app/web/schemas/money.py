"""Money: amounts are USD in decimal strings, never floats."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from app.web.schemas.words import Money


class ShareView(BaseModel):
    """What a day, a provider, a model or a key captured in USD, and for how many predictions."""

    name: str
    label: str | None = None
    captured: Money
    predictions: int


class DriftView(BaseModel):
    """Our books beside the provider's list. `unknown_here`: billed there, and no row of ours; `unknown_there`: captured
    here, and not in its list."""

    provider: str
    day: date
    ours: Money
    theirs: Money
    difference: Money
    unknown_here: int
    unknown_there: int
    compared_at: datetime


class CostsView(BaseModel):
    """USD as decimal strings; days by `timezone`. For a key with the scope `admin` of the whole service, for others of
    their own predictions. `budget_remaining` is what a create may still cost today."""

    currency: Literal["USD"] = "USD"
    timezone: str
    day: date
    today: Money
    total: Money
    held: Money
    daily_budget: Money | None
    budget_remaining: Money | None
    resets_at: datetime | None
    days: list[ShareView]
    providers: list[ShareView]
    models: list[ShareView]
    keys: list[ShareView]
    drift: list[DriftView]


class PriceView(BaseModel):
    amount: Money
    currency: str
    unit: str
