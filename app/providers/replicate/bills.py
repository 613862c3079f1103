"""What a prediction cost, which Replicate itself never says.

Community models are billed by the time they computed, at the price of their hardware. Where the price table knows that
price (unit `compute_second`), the bill is it times `predict_time`, to the millionth of a dollar. Official models are
billed by what they made; for them there is no bill, and the price that was held is taken. A deployment is billed
for its idle machines too, which no prediction tells.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.domain.model import Price
from app.domain.ports import Prices
from app.providers.replicate.catalogue import known_model
from app.providers.replicate.routes import slugs_of

COMPUTE_SECOND = "compute_second"
ABORTED = "aborted"


def bill(entry: Mapping[str, Any], predict_time: float | None, prices: Prices) -> Decimal | None:
    """USD; None where it cannot be told. `predict_time` is seconds."""
    price = _price(entry, prices)
    if price is None or price.unit != COMPUTE_SECOND or price.currency != "USD":
        return None
    if entry.get("status") == ABORTED:
        return Decimal(0)
    return None if predict_time is None else round(Decimal(str(predict_time)) * price.amount, 6)


def _price(entry: Mapping[str, Any], prices: Prices) -> Price | None:
    """That of the most exact of its names that has one."""
    found = (prices.priced(known_model(slug)).price for slug in slugs_of(entry))
    return next((price for price in found if price is not None), None)
