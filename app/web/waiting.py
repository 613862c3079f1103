"""Holding a request open, for as long as there is somebody to answer."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from starlette.requests import Request

from app.web.errors import RequestProblem

Found = TypeVar("Found")


async def unless_gone(request: Request, work: Coroutine[Any, Any, Found]) -> Found:
    """What `work` returns. It is cancelled when the client hangs up: nobody is waited for twice."""
    working, leaving = asyncio.create_task(work), asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise RequestProblem("client_gone", "The client hung up.")
        return working.result()
    finally:
        await _ended(working, leaving)


async def within(seconds: float, work: Coroutine[Any, Any, Found]) -> Found:
    """What `work` returns. Raises TimeoutError on time: how long `work` takes to clean up is not waited for."""
    working = asyncio.create_task(work)
    working.add_done_callback(_noticed)
    try:
        await asyncio.wait((working,), timeout=seconds)
        if not working.done():
            raise TimeoutError
        return working.result()
    finally:
        working.cancel()


def _noticed(task: asyncio.Task[Any]) -> None:
    """An error after its time is nobody's, and asyncio would complain about that."""
    if not task.cancelled():
        task.exception()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task
