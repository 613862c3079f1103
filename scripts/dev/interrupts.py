"""Ctrl-C, `kill` and a closed terminal: the first one stops the house in order, a second Ctrl-C at once."""

import asyncio
import signal
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DOUBLED_WITHIN = 0.3  # a wrapper that passes Ctrl-C on makes it arrive twice, which is not impatience


class Interrupts:
    """Cancels the task once; whoever is impatient then is served by `on_impatience`."""

    def __init__(self, task: asyncio.Task[Any] | None) -> None:
        self.on_impatience: Callable[[], None] = lambda: None
        self.is_welcome = False
        self._task = task
        self._first: signal.Signals | None = None
        self._came_at = 0.0
        self._was_killed = False

    @property
    def exit_code(self) -> int:
        """0 for an end that was waited for; else what shells say about the signal."""
        if self._first is None or (self.is_welcome and not self._was_killed):
            return 0
        return 128 + self._first

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for number in STOPPING:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup was asked for
            loop.add_signal_handler(number, self._come, number)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for number in STOPPING:
            loop.remove_signal_handler(number)

    def _come(self, number: signal.Signals) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first, self._came_at = number, now
            if self._task:
                self._task.cancel()
        elif number is signal.SIGINT and now - self._came_at > DOUBLED_WITHIN:
            self._was_killed = True
            self.on_impatience()
