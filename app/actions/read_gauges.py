"""The service's figures, for whoever watches it."""

from app.db import gauges
from app.db.engine import Database
from app.db.gauges import Gauges


async def read_gauges(database: Database) -> Gauges:
    async with database.transaction() as tx:
        return await gauges.read(tx)
