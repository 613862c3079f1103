"""Postgres' protocol as asyncpg speaks it, and what it says about leases."""

import random
import struct
from uuid import UUID

import asyncpg

from app.embedded.postgres import EmbeddedPostgres
from scripts.faultrun.database import socket_of
from scripts.faultrun.fencing import Fencing
from scripts.faultrun.pgwire import PostgresTap, Statement
from scripts.faultrun.proxies import Address, Proxy

ROW = UUID(int=7)


async def test_statements_are_heard_with_values_and_rows(postgres: EmbeddedPostgres) -> None:
    heard: list[Statement] = []
    place = postgres.data / "tapped" / ".s.PGSQL.5432"
    proxy = Proxy(
        "tap",
        Address(path=place),
        [Address(path=socket_of(postgres.url))],
        random.Random(1),
        lambda: PostgresTap(heard.append),
    )
    await proxy.start()
    try:
        connection = await asyncpg.connect(host=str(place.parent), port=5432, user="darkroom", database="postgres")
        async with connection.transaction():
            await connection.execute("CREATE TEMP TABLE rooms (id uuid, name text)")
            await connection.execute("INSERT INTO rooms VALUES ($1, $2)", ROW, "dark")
            await connection.execute("UPDATE rooms SET name = $2 WHERE id = $1", UUID(int=8), "bright")
        await connection.close()
    finally:
        await proxy.stop()
    told = [(statement.sql.split()[0].rstrip(";"), statement.tag) for statement in heard]
    assert told == [
        ("BEGIN", "BEGIN"),
        ("CREATE", "CREATE TABLE"),
        ("INSERT", "INSERT 0 1"),
        ("UPDATE", "UPDATE 0"),
        ("COMMIT", "COMMIT"),
    ]
    assert heard[2].values == (ROW.bytes, b"dark")
    assert [statement.rows for statement in heard[2:4]] == [1, 0]


CLAIM = (
    "UPDATE predictions SET attempts=(predictions.attempts + $1), attempt_token=$2::UUID, due_at=(now() + $3) "
    "WHERE predictions.id = $4::UUID AND predictions.work = $5::VARCHAR AND predictions.due_at <= now() RETURNING now()"
)
WRITE = "UPDATE predictions SET status=$1, version=(predictions.version + $2) WHERE predictions.id = $3::UUID"


class Worker:
    """Speaks to a Fencing as a worker's connection would."""

    def __init__(self, fencing: Fencing, name: str) -> None:
        self._say = fencing.session(name)

    def claims(self, work: bytes = b"collect", *, rows: int = 1, end: str = "COMMIT") -> None:
        values = (struct.pack(">i", 1), UUID(int=1).bytes, b"", ROW.bytes, work)
        self._transaction(Statement(CLAIM, values, f"UPDATE {rows}"), end)

    def writes(self, *, rows: int = 1, end: str = "COMMIT") -> None:
        self._transaction(Statement(WRITE, (b"succeeded", b"", ROW.bytes), f"UPDATE {rows}"), end)

    def _transaction(self, statement: Statement, end: str) -> None:
        for each in (Statement("BEGIN", tag="BEGIN"), statement, Statement(end, tag=end)):
            self._say(each)


def test_the_holder_may_write() -> None:
    fencing = Fencing()
    worker = Worker(fencing, "one")
    worker.claims()
    worker.writes()
    assert (len(fencing.claims), fencing.wrongs) == (1, [])


def test_who_was_dispossessed_may_not() -> None:
    fencing = Fencing()
    one, two = Worker(fencing, "one"), Worker(fencing, "two")
    one.claims()
    two.claims()
    one.writes()
    assert fencing.takeovers == 1
    assert len(fencing.wrongs) == 1


def test_a_late_write_that_changes_nothing_is_as_it_must_be() -> None:
    fencing = Fencing()
    one, two = Worker(fencing, "one"), Worker(fencing, "two")
    one.claims()
    two.claims()
    one.writes(rows=0)
    one.writes(end="ROLLBACK")
    assert (fencing.late, fencing.wrongs) == (1, [])


def test_a_claim_that_was_rolled_back_or_missed_takes_nothing() -> None:
    fencing = Fencing()
    one, two = Worker(fencing, "one"), Worker(fencing, "two")
    one.claims()
    two.claims(end="ROLLBACK")
    two.claims(rows=0)
    one.writes()
    assert fencing.wrongs == []


def test_other_work_may_be_answered_by_anybody() -> None:
    fencing = Fencing()
    one, two = Worker(fencing, "one"), Worker(fencing, "two")
    one.claims(b"reconcile")
    two.writes()
    assert fencing.wrongs == []
