"""A create whose line dropped, and its retry, where nginx stands between and where processes die: bought once."""

import asyncio
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from app.settings import Settings
from tests.deploy.front import free_ports, needs_nginx, nginx
from tests.deploy.processes import environment_of, is_healthy, running
from tests.emulator.process import RunningEmulator
from tests.house import House
from tests.ports import free_port
from tests.web.steps import key_for
from tests.web.test_retry_guard import BODY, PATH, held, made

START_SECONDS = 30.0


@needs_nginx
async def test_a_hang_up_in_front_of_nginx_is_one_behind_it(front: House, tmp_path: Path) -> None:
    async with (
        nginx(tmp_path, free_ports(), [front.settings.port], tmp_path) as proxy,
        proxy.client() as first,
        proxy.client() as second,
    ):
        key = {"x-api-key": await key_for(front)}
        asking = asyncio.create_task(first.post(PATH, json=BODY, headers={**key, "Prefer": "wait=30"}))
        await held(front, 1)
        asking.cancel()
        await first.aclose()
        retry = await second.post(PATH, json=BODY, headers=key)
    assert [retry.json()["id"]] == await made(front)


async def test_a_killed_process_takes_no_purchase_with_it(
    server_settings: Settings, shared_emulator: RunningEmulator, tmp_path: Path
) -> None:
    """Another one answers the retry with what was bought, once it has waited for a sign of life in vain."""
    doomed, other = (environment_of(server_settings, free_port()) for _ in range(2))
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        house = House(server_settings, shared_emulator, client)
        key, before = {"x-api-key": await key_for(house)}, await made(house)
        process = await asyncio.create_subprocess_exec("darkroom", "web", env=doomed, stdout=-3, stderr=-3)
        try:
            with running(["darkroom", "web"], other, tmp_path / "other.log"):
                for each in (doomed, other):
                    assert await asyncio.to_thread(is_healthy, each, wait=START_SECONDS)
                asking = asyncio.create_task(_post(client, doomed, {**key, "Prefer": "wait=30"}))
                await held(house, 1)
                process.kill()
                with pytest.raises(httpx.TransportError):
                    await asking
                retry = await _post(client, other, key)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    assert retry.status_code == 201, retry.text
    assert [retry.json()["id"]] == [each for each in await made(house) if each not in before]


async def _post(client: httpx.AsyncClient, to: dict[str, str], headers: dict[str, str]) -> httpx.Response:
    return await client.post(f"http://127.0.0.1:{to['PORT']}{PATH}", json=BODY, headers=headers)
