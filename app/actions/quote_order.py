"""Quote: what a create would cost and whether it fits, before anybody is asked, moderators included, or paid."""

from dataclasses import dataclass
from decimal import Decimal

from app.actions.admission import Admission
from app.actions.price_order import Priced, settled_order
from app.db import balances, predictions
from app.domain.budgets import SERVICE, limits_of
from app.domain.caller import Caller, Scope
from app.domain.order import Order


@dataclass(frozen=True, slots=True)
class Quote:
    """`remaining` is the least that a budget of the caller's has left, the service's own for an admin alone."""

    priced: Priced
    price: Decimal
    remaining: Decimal | None
    fits: bool


async def quote_order(admission: Admission, order: Order, *, caller: Caller) -> Quote:
    """Nothing is stored or held. Raises what a create would of an order that does not fit the model."""
    priced = await settled_order(admission, order, caller)
    most = max(offer.price for offer in priced.offers)
    seen, least = await _left(admission, caller)
    return Quote(priced, priced.offers[0].price, seen, least is None or most <= least)


async def _left(admission: Admission, caller: Caller) -> tuple[Decimal | None, Decimal | None]:
    """What the least of the budgets has left that the caller may know of, and of all of them."""
    async with admission.database.transaction() as tx:
        today = admission.budgets.day_of(await predictions.time(tx))
        limits = limits_of(caller, admission.budgets, today)
        standings = await balances.standings(tx, [limit.balance for limit in limits])
    left = [(each.balance.account, max(each.most - standings[each.balance].spent, Decimal(0))) for each in limits]
    may_know = [amount for account, amount in left if account != SERVICE or Scope.ADMIN in caller.scopes]
    return min(may_know, default=None), min((amount for _, amount in left), default=None)
