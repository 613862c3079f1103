"""Milestones to PostHog, by its public capture endpoint: `POST {host}/batch/`
(https://posthog.com/docs/api/capture#batch-events).

Nobody waits for it. What does not fit into the queue, or finds PostHog away, is dropped. An event told by two processes
has one `uuid`, by which PostHog knows it again. Sent are ids, names and durations, never inputs or outputs.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

import httpx
import structlog

from app.watch.milestones import Milestone, told_to

WAITING_AT_MOST = 1000
SENT_AT_ONCE = 100
ANSWER_SECONDS = 5.0
LAST_WORDS_SECONDS = 2.0
FORM = "%Y-%m-%dT%H:%M:%S.%f+00:00"

log = structlog.get_logger()


class PostHog:
    def __init__(self, http: httpx.AsyncClient, key: str) -> None:
        self._http = http
        self._key = key
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(WAITING_AT_MOST)
        self._is_heard = True

    def hear(self, milestone: Milestone) -> None:
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(event_of(milestone))

    @property
    def waiting(self) -> int:
        """Events."""
        return self._queue.qsize()

    async def send_for_ever(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < SENT_AT_ONCE and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._send(batch)
            for _ in batch:
                self._queue.task_done()

    async def drained(self) -> None:
        """Once all that was heard is sent or dropped."""
        await self._queue.join()

    async def _send(self, batch: list[dict[str, Any]]) -> None:
        try:
            answer = await self._http.post("/batch/", json={"api_key": self._key, "batch": batch})
            outcome = "" if answer.is_success else str(answer.status_code)
        except httpx.HTTPError as error:
            outcome = type(error).__name__
        if outcome and self._is_heard:
            log.warning("PostHog does not hear us; events are dropped until it does", reason=outcome)
        self._is_heard = not outcome


@asynccontextmanager
async def open_posthog(host: str, key: str) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=host, timeout=ANSWER_SECONDS) as http:
        posthog = PostHog(http, key)
        sending = asyncio.create_task(posthog.send_for_ever())
        try:
            with told_to(posthog.hear):
                yield
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await posthog.drained()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


def event_of(milestone: Milestone) -> dict[str, Any]:
    properties = {
        "distinct_id": milestone.owner,
        "$process_person_profile": False,
        "$geoip_disable": True,
        "prediction_id": str(milestone.prediction_id),
        "provider": milestone.provider,
        "model": milestone.model,
        "latency_ms": None if milestone.end == "created" else round(milestone.seconds * 1000),
        "error_code": milestone.code,
    }
    return {
        "event": f"prediction_{milestone.end}",
        "uuid": str(uuid5(milestone.prediction_id, milestone.end)),
        "timestamp": datetime.now(UTC).strftime(FORM),
        "properties": {name: value for name, value in properties.items() if value is not None},
    }
