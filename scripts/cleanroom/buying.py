"""The image at work: a picture is bought; amid the next one web and worker are stopped, and others take over."""

import asyncio
import json
import time
from collections.abc import Awaitable
from typing import Any

import httpx

from scripts.cleanroom.container import Container
from scripts.cleanroom.production import WEB
from scripts.cleanroom.stand import Stand

BODY = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}}
LATE = {"late_start": {"share": 1, "seconds": 8}}
POLL_SECONDS = 3
PATIENCE_SECONDS = 60
FINAL = ("succeeded", "failed", "canceled")


async def try_buying(stand: Stand, stranger: httpx.AsyncClient) -> None:
    given, note = stand.service.buying, stand.promises.note
    key = json.loads(stand.root.call(["darkroom", "keys", "create", "--json"], given).stdout)["key"]
    async with httpx.AsyncClient(base_url=WEB, headers={"x-api-key": key}, trust_env=False, timeout=70) as client:
        async with stand.web_and_worker(given) as (web, worker):
            await _served(stand, client, await _final(client, await _created(client)))
            (await stranger.post("/_faults", json=LATE)).raise_for_status()
            under_way = await _created(client)
            await _sold(stranger, 2)
            await _stopped(stand, client, under_way, web, worker)
        async with stand.web_and_worker(given):
            final = await _final(client, under_way)
    bought = len((await stranger.get("/_ledger")).json())
    note("the next two store what was under way", final["status"] == "succeeded", final["status"])
    note("and nothing was bought twice", bought == 2, f"{bought} purchases for 2 predictions")


async def _served(stand: Stand, client: httpx.AsyncClient, prediction: dict[str, Any]) -> None:
    stand.promises.note("a picture is bought and stored", prediction["status"] == "succeeded", prediction["status"])
    for file in prediction["files"]:
        for name in ("url", "thumbnail_url"):
            answer = await client.get(file[name])
            seen = f"{answer.headers.get('content-type')}, {len(answer.content):,} bytes"
            stand.promises.note(f"its {name} is served", answer.is_success and bool(answer.content), seen)


async def _stopped(stand: Stand, client: httpx.AsyncClient, prediction: str, web: Container, worker: Container) -> None:
    """Amid a purchase, with a poll that will be answered and a stream that would never end by itself."""
    path = f"/api/predictions/{prediction}"
    version = (await client.get(path)).headers["etag"]
    poll = asyncio.create_task(client.get(f"{path}?wait={POLL_SECONDS}", headers={"if-none-match": version}))
    async with client.stream("GET", f"{path}/events") as stream:
        stream.raise_for_status()
        await anext(stream.aiter_lines())
        told, used = time.monotonic(), web.peak_mib
        web.terminate()
        worker.terminate()
        answer, *_ = await asyncio.gather(
            _answer(poll),
            stand.ended("SIGTERM: the web ends, though a stream is open", web, told),
            stand.ended("SIGTERM: the worker ends amid a prediction", worker, told),
        )
    stand.promises.note("SIGTERM: the poll under way is answered", answer in ("200", "304"), answer)
    allowed = stand.service.memory_mib
    stand.promises.note("memory of the web, at most", used <= allowed, f"{used:.0f} MiB of {allowed}")


async def _answer(asked: Awaitable[httpx.Response]) -> str:
    try:
        return str((await asked).status_code)
    except httpx.TransportError as error:
        return repr(error)


async def _created(client: httpx.AsyncClient) -> str:
    answer = await client.post("/api/predictions", json=BODY)
    return str(answer.raise_for_status().json()["id"])


async def _final(client: httpx.AsyncClient, prediction: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        found: dict[str, Any] = (await client.get(f"/api/predictions/{prediction}?wait=10")).raise_for_status().json()
        if found["status"] in FINAL or time.monotonic() > end:
            return found


async def _sold(stranger: httpx.AsyncClient, count: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while len((await stranger.get("/_ledger")).json()) < count:
        if time.monotonic() > end:
            raise TimeoutError("nothing was bought")
        await asyncio.sleep(0.1)
