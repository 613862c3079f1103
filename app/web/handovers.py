"""Answers on their way to clients that may ask again: is the client still there, and has it got its answer?"""

import asyncio
from contextlib import suppress
from time import monotonic
from uuid import UUID, uuid4

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.actions import guard_retry
from app.db.engine import Database
from app.domain.errors import TemporarilyUnavailable
from app.domain.handovers import BEAT

ARRIVED, HANDOVER = "darkroom.arrived", "darkroom.handover"
LOOKS = 5
"""Turns of the loop that a hang-up, which lies in the socket already, takes until it is known here."""
END_TRIES = 10
log = structlog.get_logger()


class Handovers:
    """Those under way in this process, which tells now and then that they are."""

    def __init__(self) -> None:
        self.process: UUID = uuid4()
        self._open: set[int] = set()
        self._beating: asyncio.Task[None] | None = None

    def add(self, database: Database, own: int) -> None:
        self._open.add(own)
        if self._beating is None:
            self._beating = asyncio.create_task(self._beat(database))

    def remove(self, own: int) -> None:
        self._open.discard(own)
        if not self._open and self._beating is not None:
            self._beating.cancel()
            self._beating = None

    async def _beat(self, database: Database) -> None:
        while True:
            await asyncio.sleep(BEAT.total_seconds())
            with suppress(TemporarilyUnavailable):
                await guard_retry.beat(database, tuple(self._open))


class Handover:
    """One request's, from its registration to its end."""

    def __init__(self, request: Request, database: Database, handovers: Handovers, own: int) -> None:
        self._database = database
        self._handovers = handovers
        self.id = own
        self.is_gone = False
        self._is_answered = False
        handovers.add(database, own)
        self._watching = asyncio.create_task(self._watch(request))

    async def _watch(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        if self._is_answered:
            return
        self.is_gone = True
        with suppress(TemporarilyUnavailable):
            await guard_retry.lose(self._database, self.id)

    async def look(self) -> None:
        """`is_gone` tells the truth of this moment."""
        for _ in range(LOOKS):
            await asyncio.sleep(0)

    def answered(self) -> None:
        """Just before the last of it is written, without a turn of the loop between."""
        self._is_answered = not self.is_gone

    async def end(self) -> None:
        """Written down, even if this request is being ended."""
        await asyncio.shield(self._ended())

    async def _ended(self) -> None:
        try:
            await self._end_watching()
            for _ in range(END_TRIES):
                with suppress(TemporarilyUnavailable):
                    return await guard_retry.end(self._database, self.id, answered=self._is_answered)
                await asyncio.sleep(1)
            log.warning("handover left open", id=self.id)
        finally:
            self._handovers.remove(self.id)

    async def _end_watching(self) -> None:
        """Not in the middle of what it writes down."""
        if not self.is_gone:
            self._watching.cancel()
        with suppress(asyncio.CancelledError):
            await self._watching


class HandingOver:
    """Around a face: notes when a request came, and whether its answer was handed over."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ARRIVED] = monotonic()

        async def send_and_note(message: Message) -> None:
            handover: Handover | None = scope.get(HANDOVER)
            if handover is not None and message["type"] == "http.response.body" and not message.get("more_body"):
                await handover.look()
                handover.answered()
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            if HANDOVER in scope:
                await scope[HANDOVER].end()
