"""In a rush thousands wait, in a table whose statistics know of none."""

from datetime import timedelta

from sqlalchemy import text

from app.db import inbox, predictions
from app.db.engine import Database
from app.db.inbox import Delivery
from app.domain.ids import uuid7
from tests.db.rows import add_prediction, change

MANY = 3000
FILL = """
    INSERT INTO deliveries (id, provider, identity, provider_id, body, received_at, applied_at)
    SELECT gen_random_uuid(), 'skytells', sha256(('{what}' || n)::bytea), '{what}' || n, '', now() - interval '5 s',
        {applied_at}
    FROM generate_series(1, {many}) AS n
"""
READ = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'deliveries_waiting_idx'"


async def rush(database: Database) -> None:
    await run(database, FILL.format(what="old", applied_at="now()", many=MANY))
    await run(database, "ANALYZE deliveries")
    await run(database, FILL.format(what="new", applied_at="NULL", many=MANY))


async def run(database: Database, statement: str) -> None:
    async with database.transaction() as tx:
        await tx.execute(text(statement))


async def read_by_time(database: Database) -> int:
    """How many entries of the index by time were ever read."""
    async with database.transaction() as tx:
        return int((await tx.execute(text(READ))).scalar_one())


async def test_those_of_one_prediction_are_found_without_looking_at_all_that_wait(database: Database) -> None:
    await rush(database)
    made = await change(database, await add_prediction(database), provider_id=f"new{MANY}")
    async with database.transaction() as tx:
        ours = Delivery(uuid7(await predictions.time(tx)), "skytells", made.provider_id, b"{}")
        await inbox.keep(tx, ours)
        waiting = await inbox.unapplied(tx, "skytells", f"new{MANY}")
        found = await predictions.lock_reported(tx, "skytells", f"new{MANY}", delivery=ours.id)
        await tx.execute(text("SELECT pg_stat_force_next_flush()"))
    assert len(waiting) == 2
    assert found and found.is_preceded
    assert await read_by_time(database) < MANY / 10


async def test_recent_ones_are_found_by_their_time(database: Database) -> None:
    await rush(database)
    await change(database, await add_prediction(database), provider_id="new1")
    async with database.transaction() as tx:
        assert [each.provider_id for each in await inbox.matchable(tx, since=timedelta(minutes=1))] == ["new1"]
        assert not await inbox.matchable(tx, since=timedelta(seconds=1))
