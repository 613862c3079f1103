"""One real Postgres and one emulator for a test process; a database of its own for every test that asks for one."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from app.db.migrations import migrate
from app.embedded.postgres import EmbeddedPostgres
from app.settings import Settings
from tests.emulator.process import RunningEmulator, start_emulator
from tests.house import House, open_house
from tests.storage.moto import RunningMoto, start_moto

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
IN_MEMORY = Path("/dev/shm")
TEMPLATE = "darkroom_template"
_numbers = count()


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="darkroom-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        server = EmbeddedPostgres(Path(folder), settings=FAST)
        await server.start()
        await _run(server.url, f"CREATE DATABASE {TEMPLATE}")
        await asyncio.to_thread(migrate, _named(server.url, TEMPLATE))
        yield server
        await server.stop()


@pytest.fixture
async def database_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A migrated, empty database."""
    name = f"test_{next(_numbers)}"
    await _run(postgres.url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield _named(postgres.url, name)
    await _run(postgres.url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def shared_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    running = start_emulator(
        tmp_path_factory.mktemp("shared-emulator"),
        duration=0.05,
        webhook_backoff=0.05,
        art="plain",
        signing_key="secret",
    )
    yield running
    running.stop()


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMoto]:
    """A real S3 server; every test makes a bucket of its own."""
    running = start_moto(tmp_path_factory.mktemp("moto"))
    yield running
    running.stop()


@pytest.fixture
def fresh_emulator(shared_emulator: RunningEmulator) -> RunningEmulator:
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture
def settings(database_url: str, fresh_emulator: RunningEmulator, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        environment="test",
        darkroom_data=tmp_path / "data",
        database_url=database_url,
        skytells_api_key=fresh_emulator.key,
        skytells_base_url=fresh_emulator.api,
        skytells_webhook_secret=fresh_emulator.secret,
        skytells_output_hosts="127.0.0.1",
        outbound_allow_nets="127.0.0.0/8",
        database_pool_size=5,
        reconcile_max_seconds=2,
        skytells_output_lifetime_seconds=20,
        rate_limit_generate="off",
        rate_limit_batch="off",
    )


@pytest.fixture
async def house(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    """The whole service: web on a real port, and the worker, buying from an emulator without faults."""
    async with open_house(settings, fresh_emulator) as opened:
        yield opened


@pytest.fixture
async def front(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    """The web alone: what it owes stays owed."""
    async with open_house(settings, fresh_emulator, with_worker=False) as opened:
        yield opened


def _named(url: str, database: str) -> str:
    return url.replace("@/darkroom?", f"@/{database}?")


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
