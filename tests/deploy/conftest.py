"""A whole house behind nginx, for a module, as it would stand on a server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from app.embedded.postgres import EmbeddedPostgres
from app.settings import Settings
from tests.conftest import TEMPLATE
from tests.deploy.front import Front, free_ports, nginx
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.steps import key_for

DATABASE = "behind_nginx"


@dataclass(frozen=True)
class Behind:
    """`client` comes through nginx and has a key; `house` is spoken to directly."""

    house: House
    front: Front
    client: httpx.AsyncClient

    async def create(self, **headers: str) -> httpx.Response:
        body = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}}
        return await self.client.post("/api/predictions", json=body, headers=headers)


@pytest.fixture(scope="module")
async def server_settings(
    postgres: EmbeddedPostgres, shared_emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Settings]:
    await asyncio.to_thread(shared_emulator.reset)
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE}")
    url = postgres.url.replace("@/darkroom?", f"@/{DATABASE}?")
    yield _settings(url, shared_emulator, tmp_path_factory.mktemp("data"))
    await connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    await connection.close()


@pytest.fixture(scope="module")
async def behind(
    server_settings: Settings, shared_emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Behind]:
    ports, folder = free_ports(), tmp_path_factory.mktemp("nginx")
    settings = server_settings.model_copy(update={"app_url": ports.url})
    async with (
        open_house(settings, shared_emulator) as house,
        nginx(folder, ports, [house.settings.port], house.settings.blobs_folder) as front,
        front.client() as client,
    ):
        client.headers["Authorization"] = f"Bearer {await key_for(house)}"
        yield Behind(house, front, client)


def _settings(url: str, emulator: RunningEmulator, data: Path) -> Settings:
    given: dict[str, Any] = {
        "environment": "test",
        "darkroom_data": data,
        "database_url": SecretStr(url),
        "skytells_api_key": emulator.key,
        "skytells_base_url": emulator.api,
        "skytells_webhook_secret": emulator.secret,
        "skytells_output_hosts": "127.0.0.1",
        "outbound_allow_nets": "127.0.0.0/8",
        "database_pool_size": 5,
        "reconcile_max_seconds": 2,
        "rate_limit_generate": "off",
        "trusted_proxies": "127.0.0.1/32",
        "accel_redirect_prefix": "/_files",
    }
    return Settings(_env_file=None, **given)
