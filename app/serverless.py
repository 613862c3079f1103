"""For hosts that call an ASGI application without its lifespan, as Vercel's Python functions may.

What the lifespan opens is opened with the first request and stays as long as the instance: once for each event loop,
since connections belong to the loop that made them. Give it a pooled DATABASE_URL with no DATABASE_DIRECT_URL, so that
nobody listens on a connection which freezes between requests; the worker runs elsewhere, or by cron (`worker --for`).
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send


class WithoutLifespan:
    def __init__(self, application: Starlette) -> None:
        self._application = application
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Task[Mapping[str, Any]] | None = None
        self._stack = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _nothing_to_begin(receive, send)
            return
        state = await asyncio.shield(self._opened())
        await self._application({**scope, "state": dict(state)}, receive, send)

    def _opened(self) -> "asyncio.Task[Mapping[str, Any]]":
        """One that failed is tried again by the next request."""
        loop = asyncio.get_running_loop()
        failed = self._opening is not None and self._opening.done() and self._opening.exception() is not None
        if self._opening is None or self._loop is not loop or failed:
            self._loop, self._opening = loop, loop.create_task(self._open())
        return self._opening

    async def _open(self) -> Mapping[str, Any]:
        self._stack = AsyncExitStack()
        state = await self._stack.enter_async_context(self._application.router.lifespan_context(self._application))
        return state or {}


async def _nothing_to_begin(receive: Receive, send: Send) -> None:
    for word in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{word}.complete"})
