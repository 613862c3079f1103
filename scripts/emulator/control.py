"""The routes for whoever directs the play: faults, dialect, and what truly happened."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.emulator import dialect, faults, views
from scripts.emulator.book import Book, Prediction
from scripts.emulator.limits import Limits
from scripts.emulator.webhooks import Webhooks
from scripts.emulator.work import Work


class Control:
    def __init__(self, book: Book, work: Work, webhooks: Webhooks, limits: Limits) -> None:
        self._book, self._work, self._webhooks, self._limits = book, work, webhooks, limits

    def routes(self) -> list[Route]:
        return [
            Route("/_health", self.health),
            Route("/_ledger", self.ledger),
            Route("/_outputs", self.outputs),
            Route("/_deliveries", self.deliveries),
            Route("/_faults", self.faults, methods=["GET"]),
            Route("/_faults", self.misbehave, methods=["POST"]),
            Route("/_dialect", self.dialect, methods=["GET"]),
            Route("/_dialect", self.speak, methods=["POST"]),
            Route("/_reset", self.reset, methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        facts = {"predictions": len(self._book.predictions), "running": self._work.running}
        return views.reply({"status": "ok", **facts, "requests": dict(self._book.requests)})

    async def ledger(self, request: Request) -> Response:
        rows = [_sold(told) for told in self._book.predictions.values()]
        return Response(await asyncio.to_thread(views.encoded, rows), media_type="application/json")

    async def outputs(self, request: Request) -> Response:
        """What each download has to yield, by prediction."""
        origin, told = self._book.origin, self._book.predictions.values()
        return views.reply(
            {one.id: [file | {"url": origin + file["path"]} for file in one.files] for one in told if one.files}
        )

    async def deliveries(self, request: Request) -> Response:
        return views.reply(list(self._webhooks.sent))

    async def faults(self, request: Request) -> Response:
        known = {name: fault.meaning for name, fault in faults.KNOWN.items()}
        return views.reply({"faults": self._book.faults.given, "known": known})

    async def misbehave(self, request: Request) -> Response:
        try:
            self._book.misbehave(await _wishes(request))
        except ValueError as trouble:
            return views.reply({"error": str(trouble), "known": sorted(faults.KNOWN)}, 422)
        return await self.faults(request)

    async def dialect(self, request: Request) -> Response:
        spoken = dialect.spoken(self._book.dialect)
        known = {name: dialect.MEANINGS[name] for name in spoken}
        return views.reply({"dialect": spoken, "known": known})

    async def speak(self, request: Request) -> Response:
        try:
            self._book.speak(await _wishes(request))
        except ValueError as trouble:
            return views.reply({"error": str(trouble), "known": sorted(dialect.MEANINGS)}, 422)
        return await self.dialect(request)

    async def reset(self, request: Request) -> Response:
        """As on the first day: no predictions, no journal, dialect and faults of the start."""
        parts: tuple[Callable[[], None], ...] = (
            self._work.stop,
            self._webhooks.forget,
            self._limits.forget,
            self._book.forget,
        )
        for forget in parts:
            forget()
        return views.reply({"status": "ok"})


def _sold(told: Prediction) -> dict[str, Any]:
    return {
        "id": told.id,
        "model": told.model,
        "created_at": views.moment(told.created_at),
        "status": told.status,
        "completed_at": views.moment(told.completed_at),
        "credits_used": told.credits,
        "webhook": told.webhook,
        "client_ip": told.client_ip,
    }


async def _wishes(request: Request) -> dict[str, Any]:
    wishes = json.loads(await request.body())
    if not isinstance(wishes, dict):
        raise ValueError("a JSON object of names and values is wanted")
    return wishes
