"""The service's figures, for whoever watches it."""

from app.db import gauges, predictions
from app.db.engine import Database
from app.db.gauges import Gauges
from app.domain.budgets import BudgetPolicy


async def read_gauges(database: Database, policy: BudgetPolicy) -> Gauges:
    async with database.transaction() as tx:
        return await gauges.read(tx, policy.day_of(await predictions.time(tx)))
