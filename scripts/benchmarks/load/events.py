"""Terminal events as a provider posts them, at a steady pace whatever becomes of those before."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from scripts.benchmarks.load.requests import HEADER, delivery_of

LEAD = 0.1


@dataclass(frozen=True, slots=True)
class Posted:
    """`at` is seconds since the epoch; `seconds` until it was answered."""

    provider_id: str
    at: float
    seconds: float


def succeeded(provider_id: str, picture: str) -> dict[str, Any]:
    """As the emulator tells of an end."""
    return {
        "id": provider_id,
        "status": "succeeded",
        "type": "inference",
        "model": {"name": "truefusion-pro", "type": "image"},
        "input": {"prompt": "a red fox in the snow"},
        "output": [picture],
        "metrics": {"predict_time": 1.5},
        "metadata": {"billing": {"credits_used": 0.03}},
    }


def post(url: str, events: Sequence[dict[str, Any]], rate: float, secret: str) -> list[Posted]:
    """So many a second. Raises HTTPStatusError if one is refused."""
    return asyncio.run(_post(url, events, rate, secret))


async def _post(url: str, events: Sequence[dict[str, Any]], rate: float, secret: str) -> list[Posted]:
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client, asyncio.TaskGroup() as group:
        began, tasks = loop.time() + LEAD, []
        for number, event in enumerate(events):
            await asyncio.sleep(max(began + number / rate - loop.time(), 0))
            tasks.append(group.create_task(_one(client, url, event, secret)))
    return [task.result() for task in tasks]


async def _one(client: httpx.AsyncClient, url: str, event: dict[str, Any], secret: str) -> Posted:
    body, signature = delivery_of(event, secret)
    headers = {"Content-Type": "application/json", HEADER: signature}
    at, began = time.time(), time.perf_counter()
    (await client.post(url, content=body, headers=headers)).raise_for_status()
    return Posted(event["id"], at, time.perf_counter() - began)
