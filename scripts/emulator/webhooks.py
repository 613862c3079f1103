"""Deliveries: signed, in order, tried again; or as the faults want them."""

import asyncio
import hashlib
import hmac
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx

from scripts.emulator import views
from scripts.emulator.book import Book, Prediction
from scripts.emulator.faults import chance
from scripts.emulator.orders import ENDS

log = logging.getLogger("emulator")

HEADER = "X-Skytells-Signature"
REMEMBERED = 100_000
PATIENCE = 60.0  # for the other event of a prediction, which may never be told
TYPES = {
    "started": "prediction.started",
    "completed": "prediction.succeeded",
    "failed": "prediction.failed",
    "canceled": "prediction.cancelled",
}


def sign(body: bytes, key: str) -> str:
    """HMAC-SHA256 over the raw body and nothing else."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


class Webhooks:
    def __init__(self, book: Book) -> None:
        self._book = book
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: dict[tuple[str, str], asyncio.Event] = {}
        self._client = httpx.AsyncClient(trust_env=False, headers={"User-Agent": "Skytells-Webhook/1.0"})
        self.sent: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)

    def announce(self, prediction: Prediction, about: str) -> None:
        if about in prediction.owed:
            body = self._body(prediction, about)
            self._told.setdefault((prediction.id, _side(about)), asyncio.Event())
            self._spawn(self._deliver(prediction, about, body))

    async def told(self, prediction: Prediction) -> None:
        """Returns when the end has been told once, which `early` waits for."""
        if event := self._told.get((prediction.id, "end")):
            await event.wait()

    def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()

    def forget(self) -> None:
        self.stop()
        self._told.clear()
        self.sent.clear()

    async def close(self) -> None:
        self.stop()
        await self._client.aclose()

    async def _deliver(self, prediction: Prediction, about: str, body: bytes) -> None:
        try:
            await self._turn(prediction, about)
            if self._book.hit("drop", prediction):
                self._note(prediction, about, "dropped", None)
            else:
                await self._delay(prediction, about)
                await self._attempts(prediction, about, body)
                await self._besides(prediction, about, body)
            if not prediction.deleted:
                self._book.write(event="settled", id=prediction.id, about=about)
        finally:
            self._mark(prediction, about)

    async def _turn(self, prediction: Prediction, about: str) -> None:
        """Not before the create is answered, and the started event first, unless a fault says otherwise."""
        if not self._book.hit("early", prediction):
            await prediction.answered.wait()
        both = "started" in prediction.events and set(prediction.events) & set(ENDS)
        first = "end" if self._book.hit("reorder", prediction) and both else "started"
        if first != _side(about) and (first == "end" or "started" in prediction.owed):
            other = self._told.setdefault((prediction.id, first), asyncio.Event())
            await _within(other.wait(), PATIENCE)

    async def _delay(self, prediction: Prediction, about: str) -> None:
        if late := self._book.hit("delay", prediction):
            seconds = late["seconds"]
            spread = 1 + 19 * chance(self._book.dialect.seed, f"delay:{about}", prediction.ordinal)
            self._mark(prediction, about)
            await asyncio.sleep(spread if seconds is None else seconds)

    async def _attempts(self, prediction: Prediction, about: str, body: bytes) -> None:
        if self._book.hit("forge", prediction):
            await self._forge(prediction, about)
        pause = self._book.dialect.webhook_backoff
        for attempt in range(self._book.dialect.webhook_attempts):
            if attempt:
                await asyncio.sleep(pause)
                pause *= 2
            taken = await self._attempt(prediction, about, body)
            self._mark(prediction, about)
            if taken or prediction.deleted:
                return
        log.warning("%s: nobody took the %s event", prediction.id, about)

    async def _attempt(self, prediction: Prediction, about: str, body: bytes) -> bool:
        signature = self._signature(body)
        if self._book.hit("alter", prediction, about):
            altered = body.replace(b'"status":"', b'"status":"not ', 1)
            await self._post(prediction, about, altered, signature, "altered")
            return False
        return await self._post(prediction, about, body, signature, "genuine")

    async def _besides(self, prediction: Prediction, about: str, body: bytes) -> None:
        if twice := self._book.hit("duplicate", prediction):
            await self._repeat(prediction, about, body, int(twice["copies"]) - 1, twice["seconds"])
        if about in ENDS and self._book.hit("contradict", prediction):
            other = "failed" if prediction.status == "succeeded" else "succeeded"
            lie = views.prediction(self._book, prediction) | {"status": other, "output": None}
            raw = self._enveloped(lie, "failed" if other == "failed" else "completed")
            await self._post(prediction, about, raw, self._signature(raw), "contradiction")

    async def _repeat(self, prediction: Prediction, about: str, body: bytes, more: int, apart: float) -> None:
        """All at once, or one after another."""
        posts = [self._post(prediction, about, body, self._signature(body), "duplicate") for _ in range(more)]
        if not apart:
            await asyncio.gather(*posts)
            return
        for post in posts:
            await asyncio.sleep(apart)
            await post

    async def _forge(self, prediction: Prediction, about: str) -> None:
        lie = views.prediction(self._book, prediction) | {
            "status": "succeeded",
            "output": ["http://203.0.113.66/stolen.png"],
        }
        body = self._enveloped(lie, "completed")
        await self._post(prediction, about, body, sign(body, "not the key"), "forged")

    async def _post(self, prediction: Prediction, about: str, body: bytes, signature: str, what: str) -> bool:
        headers = {"Content-Type": "application/json", HEADER: signature}
        slow = self._book.hit("slow_body", prediction)
        content: bytes | AsyncIterator[bytes] = _drops(body, slow["seconds"]) if slow else body
        timeout = self._book.dialect.webhook_timeout
        answer: int | str
        try:
            url = prediction.webhook or ""
            answer = (await self._client.post(url, content=content, headers=headers, timeout=timeout)).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            answer = type(trouble).__name__
        self._note(prediction, about, what, answer)
        return isinstance(answer, int) and 200 <= answer < 300

    def _body(self, prediction: Prediction, about: str) -> bytes:
        stale = about in ENDS and self._book.hit("stale_link", prediction)
        told = views.prediction(
            self._book,
            prediction,
            status="starting" if about == "started" else None,
            mark="?stale=1" if stale else "",
        )
        return self._enveloped(told, about)

    def _enveloped(self, told: dict[str, Any], about: str) -> bytes:
        if self._book.dialect.webhook_body == "flat":
            return views.encoded(told)
        return views.encoded({"type": TYPES[about], "created_at": views.moment(time.time()), "data": told})

    def _signature(self, body: bytes) -> str:
        dialect, settings = self._book.dialect, self._book.settings
        key = settings.api_key if dialect.signing_key == "api_key" else settings.webhook_secret
        return ("sha256=" if dialect.signature == "sha256=" else "") + sign(body, key)

    def _mark(self, prediction: Prediction, about: str) -> None:
        self._told.setdefault((prediction.id, _side(about)), asyncio.Event()).set()

    def _note(self, prediction: Prediction, about: str, what: str, answer: int | str | None) -> None:
        at = views.moment(time.time())
        self.sent.append({"id": prediction.id, "event": about, "what": what, "answer": answer, "at": at})

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (trouble := task.exception()):
            log.error("a delivery broke: %r", trouble)


def _side(about: str) -> str:
    return "started" if about == "started" else "end"


async def _within(waiting: Coroutine[Any, Any, Any], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        log.warning("the other event did not come")


async def _drops(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    for at in range(10):
        yield body[at * len(body) // 10 : (at + 1) * len(body) // 10]
        await asyncio.sleep(seconds / 10)
