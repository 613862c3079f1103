"""Keeps one service running, until keeping it makes no sense."""

import asyncio
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol

from app.embedded import EmbeddedPostgresError
from scripts.dev.refusals import GaveUp

MOST_DEATHS, WITHIN_SECONDS = 5, 60
PAUSES = (0.0, 0.2, 0.5, 1.0)  # the first restart is at once: whoever waits should hardly notice
SETTINGS_REFUSED = 2  # the exit code with which web and worker say that trying again changes nothing


class Service(Protocol):
    @property
    def tail(self) -> Sequence[str] | deque[str]: ...
    async def start(self) -> None: ...
    async def wait(self) -> int: ...


class Keeper:
    def __init__(
        self, name: str, service: Service, say: Callable[[str], None], *, reads_settings: bool = False
    ) -> None:
        self.name = name
        self._service = service
        self._say = say
        self._reads_settings = reads_settings
        self._deaths: deque[float] = deque(maxlen=MOST_DEATHS)
        self._is_expecting_an_end = False

    def expect_an_end(self) -> None:
        """The next end was asked for: it is no death, and the service comes back at once."""
        self._is_expecting_an_end = True

    async def keep(self, *, is_started: bool = False) -> NoReturn:
        if not is_started:
            await self._start()
        while True:
            code = await self._service.wait()
            if not self._is_expecting_an_end:
                await self._mourn(_manner(code), code)
            self._is_expecting_an_end = False
            await self._start()

    async def _start(self) -> None:
        while True:
            try:
                await self._service.start()
            except OSError as error:
                raise GaveUp(f"{self.name} cannot be started: {error}") from None
            except EmbeddedPostgresError as error:
                await self._mourn(f"did not start: {error}")
            else:
                return

    async def _mourn(self, manner: str, code: int | None = None) -> None:
        if self._reads_settings and code == SETTINGS_REFUSED:
            raise GaveUp(f"{self.name} refuses to run with these settings", self._service.tail)
        now = time.monotonic()
        self._deaths.append(now)
        if len(self._deaths) == MOST_DEATHS and now - self._deaths[0] <= WITHIN_SECONDS:
            raise GaveUp(
                f"{self.name} died {MOST_DEATHS} times within a minute, the last time it {manner}",
                self._service.tail,
            )
        recent = sum(now - each <= WITHIN_SECONDS for each in self._deaths)
        self._say(f"{self.name} {manner}; starting it again")
        await asyncio.sleep(PAUSES[min(recent, len(PAUSES)) - 1])


def _manner(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
