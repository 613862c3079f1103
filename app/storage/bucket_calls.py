"""Calls of obstore: in threads of their own, and their errors in our words.

obstore's own coroutines are not used. They end in a thread of its runtime that still holds Python objects when our
loop goes on; a process that ends within that moment dies by SIGABRT (13 of 100 short commands, obstore 0.12.1). Its
plain functions release the interpreter's lock, wait in the thread that called them, and leave nothing behind (0 of
200), so that commands need no pause before they exit. A process waits at its exit for calls under way, no longer than
`Patience` has it for one request and its retries.
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from app.storage.errors import StorageUnavailable

Given = ParamSpec("Given")
Result = TypeVar("Result")

MOST_AT_ONCE = 32
CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
STATUS = re.compile(r"status code: (\d{3})")
WORDS = {"kind: Timeout": "TIMEOUT", "kind: Connect": "UNREACHABLE", "kind: Request": "INTERRUPTED"}


class BucketCalls:
    """Calls a function of obstore and waits for it without holding up the loop. Close it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="bucket")

    async def __call__(self, do: Callable[Given, Result], *args: Given.args, **named: Given.kwargs) -> Result:
        """Raises StorageUnavailable, and FileNotFoundError where the bucket says so. A cancelled call goes on."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, partial(do, *args, **named))
        except FileNotFoundError:
            raise
        except (BaseError, OSError, ValueError) as error:
            raise StorageUnavailable(reason(error)) from error

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def reason(error: Exception) -> str:
    """A short word: the store's own error code, its status, or what became of the connection."""
    text = str(error)
    if found := CODE.search(text):
        return found[1]
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return "ACCESS_DENIED"
    if found := STATUS.search(text):
        return f"HTTP_{found[1]}"
    return next((word for sign, word in WORDS.items() if sign in text), type(error).__name__)
