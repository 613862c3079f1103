"""Jobs that broke: held with their reason, until somebody has looked and lets them run again."""

from typing import Any

from app.db import jobs
from app.db.engine import Database


async def list_held_jobs(database: Database) -> list[dict[str, Any]]:
    async with database.transaction() as tx:
        return await jobs.held(tx)


async def release_held_jobs(database: Database) -> int:
    """Returns how many run again."""
    async with database.transaction() as tx:
        return await jobs.release_held(tx)
