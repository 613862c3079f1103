"""What a transaction leaves to its end: written with it, or not at all, and never with another."""

import pytest

from app.db import journal, tallies
from app.db.engine import Database
from app.db.tallies import Tally
from tests.db.rows import add_prediction

LOST = Tally("outputs_lost", ("skytells",))


class Broken(Exception):
    """Anything that ends a transaction."""


async def counted(database: Database) -> int:
    async with database.transaction() as tx:
        return sum(each.count for (name, _), each in (await tallies.read(tx)).items() if name == LOST.name)


async def test_it_is_written_with_its_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        tallies.add(tx, LOST)
    assert await counted(database) == 1


async def test_who_reads_in_the_same_transaction_sees_it(database: Database) -> None:
    async with database.transaction() as tx:
        tallies.add(tx, LOST, LOST)
        assert (await tallies.read(tx))[LOST.name, LOST.labels].count == 2
        tallies.add(tx, LOST)
    assert await counted(database) == 3


async def test_what_is_undone_leaves_nothing_not_even_to_the_next(database: Database) -> None:
    for _ in range(20):  # more often than there are connections
        with pytest.raises(Broken):
            async with database.transaction() as tx:
                tallies.add(tx, LOST)
                raise Broken
    assert await counted(database) == 0


async def test_what_cannot_be_written_undoes_the_rest(database: Database) -> None:
    made = await add_prediction(database)
    with pytest.raises(Exception, match="events_prediction_id"):
        async with database.transaction() as tx:
            await tx.exec_driver_sql("DELETE FROM predictions")
            journal.note(tx, made.id, "looked")
    async with database.transaction() as tx:
        assert (await tx.exec_driver_sql("SELECT count(*) FROM predictions")).scalar_one() == 1


async def test_a_statement_alone_has_no_end_to_leave_it_to(database: Database) -> None:
    async with database.alone() as tx:
        with pytest.raises(RuntimeError, match="alone"):
            tallies.add(tx, LOST)
