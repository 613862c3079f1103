"""A new release behind nginx: one web process after the other is restarted, and no request fails."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx

from app.settings import Settings
from tests.deploy.front import free_ports, needs_nginx, nginx
from tests.deploy.processes import environment_of, is_healthy, running, stop
from tests.emulator.process import RunningEmulator
from tests.house import House
from tests.ports import free_port
from tests.web.steps import key_for

pytestmark = needs_nginx
BETWEEN_REQUESTS = 0.02
START_SECONDS = 30.0
Statuses = Counter[str]


async def test_web_processes_restart_one_by_one_and_no_request_fails(
    server_settings: Settings, shared_emulator: RunningEmulator, tmp_path: Path
) -> None:
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        webs = [Web(server_settings, port, tmp_path / f"{port}.log", stack) for port in ports]
        await asyncio.gather(*(asyncio.to_thread(web.start) for web in webs))
        async with (
            nginx(tmp_path, free_ports(), ports, server_settings.blobs_folder) as front,
            front.client() as client,
        ):
            client.headers["x-api-key"] = await key_for(House(server_settings, shared_emulator, client))
            async with _busy(client) as seen:
                for web in webs:
                    await asyncio.to_thread(web.restart)
                    seen["restarts"] += 1
    assert set(seen) == {"restarts", "GET 200", "POST 201", "wait 200"}, seen
    assert min(seen["GET 200"], seen["POST 201"]) > 20


class Web:
    """`darkroom web` under a supervisor that waits, as darkroom-web@.service does."""

    def __init__(self, settings: Settings, port: int, log: Path, stack: ExitStack) -> None:
        self._environment = environment_of(settings, port)
        self._log = log
        self._stack = stack

    def start(self) -> None:
        self._process = self._stack.enter_context(running(["darkroom", "web"], self._environment, self._log))
        assert is_healthy(self._environment, wait=START_SECONDS), self._log.read_text()

    def restart(self) -> None:
        stop(self._process)
        assert not is_healthy(self._environment)
        self.start()


@asynccontextmanager
async def _busy(client: httpx.AsyncClient) -> AsyncIterator[Statuses]:
    """Reads, creates and long waits, until left; counts what was answered."""
    seen: Statuses = Counter()
    path = "/api/predictions/" + (await _create(client)).json()["id"]
    stop_now = asyncio.Event()
    asked: dict[str, Callable[[], Awaitable[httpx.Response]]] = {
        "GET": lambda: client.get(path),
        "POST": lambda: _create(client),
        "wait": lambda: client.get(f"{path}?wait=1"),
    }
    async with asyncio.TaskGroup() as tasks:
        for name, ask in asked.items():
            tasks.create_task(_again_and_again(name, ask, seen, stop_now))
        yield seen
        stop_now.set()


async def _again_and_again(
    name: str, ask: Callable[[], Awaitable[httpx.Response]], seen: Statuses, stop_now: asyncio.Event
) -> None:
    while not stop_now.is_set():
        try:
            seen[f"{name} {(await ask()).status_code}"] += 1
        except httpx.TransportError as error:
            seen[f"{name} {error!r}"] += 1
        with suppress(TimeoutError):
            await asyncio.wait_for(stop_now.wait(), BETWEEN_REQUESTS)


async def _create(client: httpx.AsyncClient) -> httpx.Response:
    body = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}}
    return await client.post("/api/predictions", json=body, headers={"Idempotency-Key": secrets.token_hex(8)})
