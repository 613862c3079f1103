"""How soon a delivery is durable and acknowledged: 200 a second, each new, on an otherwise idle machine."""

import asyncio
import hashlib
import hmac
import json
import time

import httpx

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises.house import PORT, open_house

SECRET = "darkroom-development-webhook-secret"
RATE = 200
SECONDS = 10


def measure() -> list[Figure]:
    """An open loop: the next one is sent on time whether or not the last was answered."""
    with open_house(EMULATOR_DURATION="0.1") as house:
        house.make()
        samples = sorted(asyncio.run(_deliver()))
    middle, late = samples[len(samples) // 2], samples[int(len(samples) * 0.99)]
    return [Figure(f"webhook acknowledged, p99 at {RATE}/s", late, 50, "ms", f"median {middle:.3g}, n={len(samples)}")]


async def _deliver() -> list[float]:
    url = f"http://127.0.0.1:{PORT}/api/webhooks"
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client, asyncio.TaskGroup() as group:
        began, tasks = time.monotonic(), []
        for number in range(RATE * SECONDS):
            await asyncio.sleep(max(began + number / RATE - time.monotonic(), 0))
            tasks.append(group.create_task(_one(client, url, number)))
    return [task.result() for task in tasks]


async def _one(client: httpx.AsyncClient, url: str, number: int) -> float:
    body = json.dumps({"id": f"bench-{number}", "status": "processing"}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    began = time.perf_counter()
    answer = await client.post(url, content=body, headers={"x-skytells-signature": signature})
    answer.raise_for_status()
    return 1000 * (time.perf_counter() - began)
