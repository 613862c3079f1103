"""Behind a transaction pooler with one connection a process everything works as it does without one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.actions.intake import RUSH
from app.db.engine import Database
from app.db.migrations import current, head, migrate
from app.domain.errors import TemporarilyUnavailable
from app.embedded.postgres import EmbeddedPostgres
from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.pooled.bouncer import Bouncer, bouncer, needs_pgbouncer

pytestmark = needs_pgbouncer


@pytest.fixture
async def pooler(postgres: EmbeddedPostgres) -> AsyncIterator[Bouncer]:
    async with bouncer(postgres.url) as running:
        yield running
        assert "prepared statement" not in running.log


@pytest.fixture(params=["looking every so often", "listening at the direct address"])
async def pooled(
    request: pytest.FixtureRequest, settings: Settings, fresh_emulator: RunningEmulator, pooler: Bouncer
) -> AsyncIterator[House]:
    direct = settings.database_url.get_secret_value()
    urls = {"database_url": pooler.url(_name(direct))}
    if request.param.startswith("listening"):
        urls["database_direct_url"] = direct
    async with open_house(_changed(settings, urls), fresh_emulator) as opened:
        yield opened


async def test_many_at_once_are_made_bought_once_and_stored(pooled: House) -> None:
    created = await asyncio.gather(*(pooled.create(f"fox {number}") for number in range(12)))
    assert {answer.status_code for answer in created} == {201}
    finals = await asyncio.gather(*(pooled.final(answer.json()["id"]) for answer in created))
    assert {final["status"] for final in finals} == {"succeeded"}
    assert len(await pooled.ledger()) == 12
    pictures = [await pooled.client.get(final["output"][0]) for final in finals]
    assert {picture.status_code for picture in pictures} == {200}


async def test_clients_are_told_without_polling(pooled: House) -> None:
    created = (await pooled.create()).json()
    async with pooled.client.stream("GET", f"/api/predictions/{created['id']}/events") as stream:
        told = [line async for line in stream.aiter_lines()]
    assert any('"succeeded"' in line for line in told)


async def test_one_key_at_once_is_one_prediction(pooled: House) -> None:
    answers = await asyncio.gather(*(pooled.create(**{"Idempotency-Key": "one"}) for _ in range(8)))
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}


async def test_what_the_worker_and_the_doors_share_is_counted_and_shown(pooled: House) -> None:
    await pooled.final((await pooled.create()).json()["id"])
    for path in ("/health/ready", "/api/costs", "/api/predictions", "/metrics"):
        assert (await pooled.client.get(path)).status_code == 200, path


async def test_what_a_single_statement_wrote_stays_written(pooled: House) -> None:
    async with _opened(_url(pooled)) as database:
        assert database.address.pooled
        for _ in range(2):
            async with database.alone() as tx:
                await tx.execute(text("INSERT INTO idempotency_keys VALUES (:key, :key, '', :id)"), _key())
        async with database.alone() as tx:
            kept = (await tx.execute(text("SELECT count(*) FROM idempotency_keys WHERE owner LIKE 'alone-%'"))).scalar()
    assert kept == 2


async def test_deliveries_of_a_rush_are_kept_before_they_are_acknowledged(pooled: House) -> None:
    """More at once than the door applies itself."""
    strangers = [f"stranger-{number}" for number in range(2 * RUSH)]
    answers = await asyncio.gather(*(pooled.deliver({"id": each, "status": "processing"}) for each in strangers))
    acknowledged = [each for each, answer in zip(strangers, answers, strict=True) if answer.status_code == 200]
    async with _opened(_url(pooled)) as database, database.alone() as tx:
        kept = set((await tx.execute(text("SELECT provider_id FROM deliveries"))).scalars())
    assert acknowledged
    assert kept >= set(acknowledged)
    assert (await pooled.final((await pooled.create()).json()["id"]))["status"] == "succeeded"


def _url(house: House) -> str:
    return house.settings.database_url.get_secret_value()


def _key() -> dict[str, object]:
    return {"key": f"alone-{uuid4()}", "id": uuid4()}


async def test_migrations_go_through_it(postgres: EmbeddedPostgres, pooler: Bouncer) -> None:
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE DATABASE through_the_pooler")
    await connection.close()
    url = pooler.url("through_the_pooler")
    await asyncio.to_thread(migrate, url)
    async with _opened(url) as database, database.transaction() as tx:
        assert await current(tx) == head()


async def test_its_certificate_is_verified_where_that_is_asked_for(pooler: Bouncer) -> None:
    own = pooler.folder / "fullchain.pem"
    for query in ("sslmode=require", f"sslmode=verify-full&sslrootcert={own}"):
        assert await _answers(pooler.url("postgres", f"{query}&pgbouncer=true"))


@pytest.mark.parametrize("query", ["sslmode=disable", "sslmode=verify-full", "sslmode=verify-ca&sslrootcert=system"])
async def test_without_encryption_or_with_a_stranger_s_certificate_nothing_is_said(pooler: Bouncer, query: str) -> None:
    with pytest.raises(TemporarilyUnavailable):
        await _answers(pooler.url("postgres", f"{query}&pgbouncer=true"))


async def _answers(url: str) -> bool:
    async with _opened(url) as database, database.transaction() as tx:
        return bool((await tx.execute(text("SELECT true"))).scalar_one())


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def _changed(settings: Settings, urls: dict[str, str]) -> Settings:
    return settings.model_copy(update={name: SecretStr(url) for name, url in urls.items()})


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
