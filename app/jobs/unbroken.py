"""Work that a lost connection of the queue does not cut: an answer that is paid for comes once, or never."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec

import structlog

P = ParamSpec("P")

log = structlog.get_logger()


class Unbroken:
    """Runs in tasks of its own. Whoever waits for one may go away; `cut` alone ends it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def wrapped(self, handler: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
        async def handle(*arguments: P.args, **named: P.kwargs) -> None:
            async def run() -> None:
                await handler(*arguments, **named)

            task = asyncio.create_task(run())
            self._tasks.add(task)
            task.add_done_callback(self._ended)
            await asyncio.shield(task)

        return handle

    async def ended(self) -> None:
        """Once all at hand have."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def cut(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Its error is for who waits; read here so that it is no unread one where nobody does."""
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.debug("unbroken work failed", reason=type(task.exception()).__name__)
