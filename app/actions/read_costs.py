"""Costs: what was spent today and ever, what is held, and what is left of the budget."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.db import costs, drift, predictions
from app.db.costs import Share
from app.db.drift import Comparison
from app.db.engine import Database
from app.domain.budgets import BudgetPolicy, limits_of
from app.domain.caller import Caller, Scope

DAYS = 30


@dataclass(frozen=True, slots=True)
class Costs:
    """USD. `daily_budget` is the service's for an admin, else the caller's key's own; None without bound."""

    timezone: str
    day: date
    today: Decimal
    total: Decimal
    held: Decimal
    daily_budget: Decimal | None
    budget_remaining: Decimal | None
    resets_at: datetime | None
    days: list[Share]
    providers: list[Share]
    models: list[Share]
    keys: list[Share]
    key_names: dict[UUID, tuple[str, str]]
    drift: list[Comparison]


async def read_costs(database: Database, policy: BudgetPolicy, caller: Caller, *, days: int = DAYS) -> Costs:
    """For an admin of everybody; for others of their own predictions alone, without the drift."""
    is_admin = Scope.ADMIN in caller.scopes
    owner = None if is_admin else caller.owner
    async with database.transaction() as tx:
        now = await predictions.time(tx)
        today = policy.day_of(now)
        since = today - timedelta(days=days - 1)
        sums = await costs.sums(tx, today, owner)
        keys = await costs.by_key(tx, since, owner)
        limit = _daily(caller, policy, today, is_admin)
        held_today = await costs.held_on(tx, today, owner)
        return Costs(
            timezone=policy.timezone.key,
            day=today,
            today=sums.today,
            total=sums.total,
            held=sums.held,
            daily_budget=limit and limit[0],
            budget_remaining=None if limit is None else max(limit[0] - sums.today - held_today, Decimal(0)),
            resets_at=limit and limit[1],
            days=await costs.by_day(tx, since, owner),
            providers=await costs.by_provider(tx, since, owner),
            models=await costs.by_model(tx, since, owner),
            keys=keys,
            key_names=await costs.key_names(tx, [UUID(share.name) for share in keys if share.name != "-"]),
            drift=await drift.read(tx, since) if is_admin else [],
        )


def _daily(caller: Caller, policy: BudgetPolicy, today: date, is_admin: bool) -> tuple[Decimal, datetime | None] | None:
    """The bound that concerns the caller, and when it begins anew."""
    wanted = "service" if is_admin else "key"
    for limit in limits_of(caller, policy, today):
        if limit.balance.account.startswith(wanted) and limit.balance.period == today.isoformat():
            return limit.most, limit.resets_at
    return None
