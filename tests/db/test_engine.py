"""Addresses as they are handed out, and trouble told as what it is."""

import asyncio
import ssl

import asyncpg
import pytest

from app.db import predictions
from app.db.address import Address
from app.db.engine import Database, is_away
from app.domain.errors import TemporarilyUnavailable
from tests.house import eventually_async

READ = {
    "postgres://u:p%40ss@h:6543/db?sslmode=require": {"user": "u", "password": "p@ss", "port": 6543, "ssl": "require"},
    "postgresql://u@h/db": {"host": "h", "port": 5432, "database": "db"},
    "postgresql+asyncpg://u@h/db?sslmode=require": {"ssl": "require"},
    "postgresql://u@/db?host=/run/pg&port=5433": {"host": "/run/pg", "port": 5433},
    "postgresql://u:p@h/db?sslmode=require&channel_binding=require": {"ssl": "require", "password": "p"},
    "postgresql://u:p@h/db?pgbouncer=true&connection_limit=1": {"statement_cache_size": 0},
}


@pytest.mark.parametrize(("url", "expected"), READ.items(), ids=READ)
def test_an_address_is_read(url: str, expected: dict[str, object]) -> None:
    arguments = Address.parse(url).arguments
    assert {name: arguments[name] for name in expected} == expected


def test_a_pooler_and_its_limit_are_understood() -> None:
    address = Address.parse("postgresql://u:secret@h/db?pgbouncer=true&connection_limit=1")
    assert (address.pooled, address.connection_limit) == (True, 1)
    assert "secret" not in repr(address)


HANDED_OUT = {
    "postgresql://u:p@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require": (
        "ep-cool-1.eu-central-1.aws.neon.tech",
        5432,
    ),
    "postgresql://p.ref:p@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1": (
        "aws-0-eu-central-1.pooler.supabase.com",
        5432,
    ),
    "postgres://postgres.ref:p@aws-0-eu-central-1.pooler.supabase.com:6543/postgres": (
        "aws-0-eu-central-1.pooler.supabase.com",
        5432,
    ),
}
DIRECT = [
    "postgresql://u:p@ep-cool-1.eu-central-1.aws.neon.tech/neondb?sslmode=require",
    "postgresql://postgres:p@db.ref.supabase.co:5432/postgres",
    "postgresql://postgres.ref:p@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
]


@pytest.mark.parametrize(("url", "beyond"), HANDED_OUT.items(), ids=HANDED_OUT)
async def test_the_poolers_of_neon_and_supabase_are_known_and_so_is_the_way_past_them(
    url: str, beyond: tuple[str, int]
) -> None:
    database = Database(url)
    assert database.address.pooled
    assert database.direct is not None
    assert not database.direct.pooled
    assert (database.direct.arguments["host"], database.direct.arguments["port"]) == beyond
    assert database.direct.arguments["password"] == "p"
    assert "statement_cache_size" in database.direct.arguments
    await database.close()


@pytest.mark.parametrize("url", DIRECT, ids=DIRECT)
async def test_direct_addresses_of_theirs_are_no_poolers(url: str) -> None:
    database = Database(url)
    assert database.direct is database.address
    await database.close()


async def test_nobody_listens_behind_another_pooler_without_a_direct_address() -> None:
    database = Database("postgresql://u:p@h/db?pgbouncer=true")
    assert database.direct is None
    await database.close()


@pytest.mark.parametrize("authority", ["", "&sslrootcert=system"])
def test_certificates_are_verified_by_the_machine_s_own_authorities(authority: str) -> None:
    context = Address.parse(f"postgresql://u@h/db?sslmode=verify-full{authority}").arguments["ssl"]
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    context = Address.parse(f"postgresql://u@h/db?sslmode=verify-ca{authority}").arguments["ssl"]
    assert (context.check_hostname, context.verify_mode) == (False, ssl.CERT_REQUIRED)


def test_a_file_of_authorities_that_is_not_there_is_told() -> None:
    with pytest.raises(ValueError, match="sslrootcert"):
        Address.parse("postgresql://u@h/db?sslmode=verify-full&sslrootcert=/nowhere.pem")


@pytest.mark.parametrize("url", ["mysql://u:secret@h/db", "not a url secret", "sqlite:///secret.db"])
def test_another_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL") as refused:
        Address.parse(url)
    assert "secret" not in str(refused.value)


async def test_a_database_that_is_away_is_temporarily_unavailable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nowhere")
    with pytest.raises(TemporarilyUnavailable):
        async with database.transaction() as tx:
            await predictions.time(tx)
    await database.close()


async def test_a_killed_backend_is_temporarily_unavailable_and_the_next_transaction_works(database: Database) -> None:
    with pytest.raises(TemporarilyUnavailable):
        async with database.transaction() as tx:
            await tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    async with database.transaction() as tx:
        await predictions.time(tx)


async def test_a_process_that_falls_asleep_in_a_transaction_loses_it_and_its_locks(database: Database) -> None:
    with pytest.raises(TemporarilyUnavailable):
        async with database.transaction() as asleep:
            await asleep.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
            pid = (await asleep.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()
            async with database.transaction() as tx:
                alive = f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid}"
                while (await tx.exec_driver_sql(alive)).first():
                    await tx.exec_driver_sql("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)")
            await predictions.time(asleep)


async def test_a_frozen_transaction_is_given_a_few_seconds(database: Database) -> None:
    async with database.transaction() as tx:
        assert (await tx.exec_driver_sql("SHOW idle_in_transaction_session_timeout")).scalar_one() == "4s"


async def test_a_full_pool_is_temporarily_unavailable(database_url: str) -> None:
    small = Database(database_url, pool_size=1)
    with pytest.raises(TemporarilyUnavailable):
        async with small.transaction() as outer:
            await predictions.time(outer)
            async with small.transaction() as inner:
                await predictions.time(inner)
    await small.close()


async def test_a_connection_whose_answer_was_not_waited_for_is_not_used_again(database_url: str) -> None:
    """The answer may still come, and would meet the next question."""
    database, witness = Database(database_url, pool_size=1, statement_seconds=0.5), await asyncpg.connect(database_url)

    async def is_asked() -> bool:
        rows = await witness.fetch("SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%sleep(20)'")
        return bool(rows) or waiting.done()

    pids = [await pid_of(database)]
    with pytest.raises(TemporarilyUnavailable):
        await database.fetch("SELECT pg_sleep(10)")
    pids.append(await pid_of(database))
    waiting = asyncio.create_task(database.fetch("SELECT pg_sleep(20)"))
    await eventually_async(is_asked)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    pids.append(await pid_of(database))
    assert len(set(pids)) == 3
    await witness.close()
    await database.close()


async def pid_of(database: Database) -> int:
    return int((await database.fetch("SELECT pg_backend_pid() AS pid"))[0]["pid"])


def test_a_driver_that_lost_its_place_is_away() -> None:
    assert is_away(asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"))
