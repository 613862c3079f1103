"""The service as tests see it: a real server on a real port in this very loop, a worker beside it, a client."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

import asyncpg
import httpx
import uvicorn

from app.bootstrap import open_services, open_workshop, web_application
from app.jobs.runner import run_worker
from app.settings import Settings
from app.web.connections import Patience
from app.web.server import server_config
from tests.emulator.process import RunningEmulator
from tests.ports import free_port

PATIENCE = 60.0


@dataclass(frozen=True)
class House:
    settings: Settings
    emulator: RunningEmulator
    client: httpx.AsyncClient

    async def create(self, prompt: str = "a red fox", **headers: str) -> httpx.Response:
        body = {"model": "truefusion-pro", "input": {"prompt": prompt}}
        return await self.client.post("/api/predictions", json=body, headers=headers)

    async def final(self, prediction_id: str) -> dict[str, Any]:
        """The prediction once it is final."""
        end = monotonic() + PATIENCE
        while True:
            found = (await self.client.get(f"/api/predictions/{prediction_id}?wait=5")).json()
            if found.get("status") in ("succeeded", "failed", "canceled"):
                return dict(found)
            assert monotonic() < end, f"not final in time: {found}"

    async def deliver(
        self, body: bytes | dict[str, Any], *, path: str = "/api/webhooks", **headers: str
    ) -> httpx.Response:
        """A delivery signed as the provider would."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = hmac.new(self.emulator.secret.encode(), raw, hashlib.sha256).hexdigest()
        sent = {"x-skytells-signature": signature, "content-type": "application/json"} | headers
        return await self.client.post(path, content=raw, headers=sent)

    async def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(self.settings.database_url.get_secret_value())
        try:
            return [dict(row) for row in await connection.fetch(query, *arguments)]
        finally:
            await connection.close()

    async def faults(self, **shares: Any) -> None:
        """How the emulator misbehaves from now on."""
        await self._direct("/_faults", shares)

    async def dialect(self, **words: Any) -> None:
        """How the emulator speaks from now on."""
        await self._direct("/_dialect", words)

    async def ledger(self) -> list[dict[str, Any]]:
        """Every create that the emulator accepted."""
        return list(await self._told("/_ledger"))

    async def truth(self) -> dict[str, list[dict[str, Any]]]:
        """By the provider's id what each download has to yield."""
        return dict(await self._told("/_outputs"))

    async def requests(self) -> dict[str, int]:
        """How often each of the emulator's routes was asked."""
        return dict((await self._told("/_health"))["requests"])

    async def _direct(self, path: str, wishes: dict[str, Any]) -> None:
        async with httpx.AsyncClient(base_url=self.emulator.url, trust_env=False) as client:
            answer = await client.post(path, json=wishes)
            assert answer.status_code == 200, answer.text

    async def _told(self, path: str) -> Any:
        async with httpx.AsyncClient(base_url=self.emulator.url, trust_env=False) as client:
            return (await client.get(path)).json()


@asynccontextmanager
async def open_house(
    settings: Settings, emulator: RunningEmulator, *, with_worker: bool = True
) -> AsyncIterator[House]:
    port = free_port()
    settings = settings.model_copy(update={"port": port})
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=70)
    async with _served(settings), _working(settings, with_worker), client:
        yield House(settings, emulator, client)


@asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[None]:
    patience = Patience(settings.http_header_seconds, settings.http_idle_seconds, settings.http_stall_seconds)
    application = web_application(settings)
    config = server_config(application, host="127.0.0.1", port=settings.port, patience=patience, drain_seconds=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    try:
        await eventually(lambda: server.started or task.done())
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def _working(settings: Settings, with_worker: bool) -> AsyncIterator[None]:
    if not with_worker:
        yield
        return
    stop = asyncio.Event()
    async with open_services(settings) as services, open_workshop(services) as shop:
        task = asyncio.create_task(run_worker(shop, stop))
        try:
            yield
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):
                await task


async def eventually(is_so: Callable[[], bool], patience: float = PATIENCE) -> None:
    end = monotonic() + patience
    while not is_so():
        assert monotonic() < end, "did not come true in time"
        await asyncio.sleep(0.01)


async def eventually_async(is_so: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
    end = monotonic() + patience
    while not await is_so():
        assert monotonic() < end, "did not come true in time"
        await asyncio.sleep(0.02)
