"""Whether this process can work: the database, its migrations, the blob store, and what lies overdue."""

from datetime import timedelta

from app.actions.disk_space import Space
from app.db import migrations, owed
from app.db.engine import Database
from app.domain.errors import TemporarilyUnavailable
from app.storage.errors import StorageUnavailable


async def check_readiness(database: Database, space: Space, *, longest_overdue: timedelta) -> dict[str, str]:
    """By name `ok`, or in a few words what is wrong."""
    return {**await _database(database, longest_overdue), "blobs": await _blobs(space)}


async def _database(database: Database, longest_overdue: timedelta) -> dict[str, str]:
    try:
        async with database.transaction() as tx:
            current = await migrations.current(tx)
            overdue = await owed.longest_overdue(tx) if current == migrations.head() else timedelta()
    except TemporarilyUnavailable:
        return {"database": "away"}
    if current != migrations.head():
        return {"database": "ok", "migrations": "behind; run `darkroom migrate`"}
    late = overdue > longest_overdue
    work = f"overdue by {overdue.total_seconds():.0f} s; is a worker running?" if late else "ok"
    return {"database": "ok", "migrations": "ok", "work": work}


async def _blobs(space: Space) -> str:
    try:
        free = await space.free_bytes()
    except StorageUnavailable as trouble:
        return f"not writable ({trouble.reason})"
    except TimeoutError:
        return "no answer in time"
    if free is not None and space.is_low(free):
        return f"nearly full ({free / 1e6:.0f} MB left)"
    return "ok"
