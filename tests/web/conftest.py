"""Variants of the front. Those that stand serve a whole module, whose tests then do not rely on an empty database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from app.embedded.postgres import EmbeddedPostgres
from app.settings import Settings
from tests.conftest import TEMPLATE
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.storage.moto import RunningMoto
from tests.web.wire import Wire, wired

_numbers = count()


@pytest.fixture(scope="module")
async def refusing(
    postgres: EmbeddedPostgres, shared_emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """For tests that may make nothing."""
    async with _standing(postgres, shared_emulator, tmp_path_factory) as opened:
        yield opened


@pytest.fixture(scope="module")
async def standing(
    postgres: EmbeddedPostgres, shared_emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with _standing(postgres, shared_emulator, tmp_path_factory) as opened:
        yield opened


@pytest.fixture(scope="module", params=["disk", "bucket"])
async def holder(
    request: pytest.FixtureRequest,
    postgres: EmbeddedPostgres,
    shared_emulator: RunningEmulator,
    tmp_path_factory: pytest.TempPathFactory,
    moto: RunningMoto,
) -> AsyncIterator[House]:
    """Hands files out itself, wherever they lie."""
    place = moto.settings(moto.new_bucket()) if request.param == "bucket" else {}
    async with _standing(postgres, shared_emulator, tmp_path_factory, **place, serve_files="stream") as opened:
        yield opened


@pytest.fixture(scope="module")
async def locked(
    postgres: EmbeddedPostgres, shared_emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Asks for a key, as production does."""
    async with _standing(postgres, shared_emulator, tmp_path_factory, auth_required=True) as opened:
        yield opened


@pytest.fixture(scope="module")
async def development(
    postgres: EmbeddedPostgres, shared_emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with _standing(postgres, shared_emulator, tmp_path_factory, environment="development") as opened:
        yield opened


@pytest.fixture(scope="module")
async def hurried(
    postgres: EmbeddedPostgres, shared_emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Its patience with clients is a quarter of a second throughout."""
    brief = dict.fromkeys(("http_header_seconds", "http_body_seconds", "http_idle_seconds", "http_stall_seconds"), 0.25)
    async with _standing(postgres, shared_emulator, tmp_path_factory, **brief) as opened:
        yield opened


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    async with wired(database_url) as opened:
        yield opened


@pytest.fixture
async def wired_front(settings: Settings, wire: Wire, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    """A front whose database can go away, while tests still reach it directly."""
    through = settings.model_copy(update={"database_url": SecretStr(wire.url)})
    async with open_house(through, fresh_emulator, with_worker=False) as opened:
        yield House(settings, opened.emulator, opened.client)


@asynccontextmanager
async def _standing(
    postgres: EmbeddedPostgres, emulator: RunningEmulator, paths: pytest.TempPathFactory, **changed: Any
) -> AsyncIterator[House]:
    await asyncio.to_thread(emulator.reset)
    name = f"standing_{next(_numbers)}"
    async with _database(postgres, name) as url:
        settings = Settings(
            _env_file=None,
            environment="test",
            darkroom_data=paths.mktemp(name),
            database_url=SecretStr(url),
            skytells_api_key=SecretStr(emulator.key),
            skytells_base_url=emulator.api,
            skytells_webhook_secret=SecretStr(emulator.secret),
            outbound_allow_nets="127.0.0.0/8",
            database_pool_size=5,
            rate_limit_generate="off",
            rate_limit_batch="off",
        )
        async with open_house(settings.model_copy(update=changed), emulator, with_worker=False) as opened:
            yield opened


@asynccontextmanager
async def _database(postgres: EmbeddedPostgres, name: str) -> AsyncIterator[str]:
    connection = await asyncpg.connect(postgres.url)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        yield postgres.url.replace("@/darkroom?", f"@/{name}?")
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()
