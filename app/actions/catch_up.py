"""What a worker does before anything else: webhooks may have come to nobody while it was away."""

import structlog

from app.actions.apply_waiting import apply_waiting
from app.actions.upkeep import wake_due_work
from app.db import owed
from app.db.engine import Database
from app.domain.ports import Providers

SPREAD_SECONDS = 3.0

log = structlog.get_logger()


async def catch_up(database: Database, providers: Providers) -> None:
    """Everything that waits at a provider is looked at now, spread over a few seconds, whatever its clock says."""
    early = await apply_waiting(database, providers)
    async with database.transaction() as tx:
        looking = await owed.look_now(tx, spread_seconds=SPREAD_SECONDS)
    due = await wake_due_work(database)
    if early or looking or due:
        log.info("catching up", early_deliveries=early, looking=looking, due=due)
