"""What is bought: refused, accepted, held, answered; or accepted and answered wrongly."""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Awaitable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scripts.emulator import orders, views
from scripts.emulator.book import Book, Prediction
from scripts.emulator.limits import Limits
from scripts.emulator.orders import Order, Refusal
from scripts.emulator.webhooks import Webhooks
from scripts.emulator.wire import Wired, cut
from scripts.emulator.work import Work

log = logging.getLogger("emulator")

PATIENCE = 60.0  # with a receiver that does not take what comes before the reply


class Creates:
    def __init__(self, book: Book, work: Work, webhooks: Webhooks, limits: Limits) -> None:
        self._book, self._work, self._webhooks, self._limits = book, work, webhooks, limits

    async def create(self, request: Request) -> Response:
        number = self._book.asked("create")
        body = await _json(request)
        self._refuse(number)
        order = orders.read(body)
        if slow := self._book.faults.hit("slow_create", number):
            await self._sleep(slow["seconds"])
        self._limits.admit(order.model)
        prediction = self._accept(order, request)
        await self._book.journal.sync()
        log.info("%s accepted, %s", prediction.id, prediction.model)
        self._work.begin(prediction)
        await self._hold(order, prediction)
        return Answered(self._created(prediction), prediction)

    def _refuse(self, number: int) -> None:
        faults = self._book.faults
        if busy := faults.hit("refuse_429", number):
            raise Refusal(429, "RATE_LIMIT_EXCEEDED", "Too many requests.", retry_after=busy["seconds"])
        if down := faults.hit("refuse_503", number):
            raise Refusal(503, "SERVICE_UNAVAILABLE", "Service unavailable.", retry_after=down["seconds"])
        if faults.hit("content_policy", number):
            raise Refusal(451, "CONTENT_POLICY_VIOLATION", "The prompt violates the content policy.")
        if faults.hit("insufficient_credits", number):
            raise Refusal(402, "INSUFFICIENT_CREDITS", "Not enough credits.")

    def _accept(self, order: Order, request: Request) -> Prediction:
        id_ = str(uuid.uuid4())
        self._book.write(
            event="accepted",
            id=id_,
            ordinal=len(self._book.predictions),
            model=order.model.slug,
            input=order.input,
            stream=order.stream,
            webhook=order.webhook,
            events=order.events,
            created_at=time.time(),
            client_ip=request.client.host if request.client else "",
        )
        return self._book.predictions[id_]

    async def _hold(self, order: Order, prediction: Prediction) -> None:
        if order.hold or prediction.kind.at_once:
            await self._either(prediction.done.wait())
        if self._book.hit("early", prediction):
            await self._either(prediction.done.wait(), PATIENCE)
            await self._either(self._webhooks.told(prediction), PATIENCE)
        if slow := self._book.hit("slow_reply", prediction):
            await self._sleep(slow["seconds"])

    def _created(self, prediction: Prediction) -> Response:
        hit = self._book.hit
        if hit("reply_cut", prediction):
            return Wired(cut)
        if hit("reply_500", prediction):
            return views.error(self._book.dialect, Refusal(500, "INTERNAL_ERROR", "Something went wrong."))
        if hit("reply_502", prediction):
            return views.gateway()
        if hit("reply_garbage", prediction):
            return Response("<html><body>It works!</body></html>", media_type="text/html")
        if hit("reply_false", prediction):
            return views.reply({"status": False, "id": prediction.id, "response": "Queued."})
        return views.reply(views.prediction(self._book, prediction), self._book.dialect.create_status)

    async def _sleep(self, seconds: float) -> None:
        await self._either(asyncio.sleep(seconds))

    async def _either(self, waiting: Awaitable[Any], seconds: float | None = None) -> None:
        """Until it is there, or the time is over, or the process ends."""
        tasks = {asyncio.ensure_future(waiting), asyncio.ensure_future(self._book.stopping.wait())}
        try:
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()


class Answered(Response):
    """Lets the deliveries go once the reply is out, or its client is gone."""

    def __init__(self, inner: Response, prediction: Prediction) -> None:
        super().__init__()
        self._inner, self._prediction = inner, prediction
        self.status_code = inner.status_code
        self.raw_headers = inner.raw_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._inner(scope, receive, send)
        finally:
            self._prediction.answered.set()


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "INVALID_REQUEST", "The body is not a JSON object.")
    return body
