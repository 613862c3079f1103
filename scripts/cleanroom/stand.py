"""Containers of the image as compose.yaml runs them: started, found healthy, told to stop."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.cleanroom.container import Container, Root
from scripts.cleanroom.house import Service
from scripts.cleanroom.promises import Promises
from scripts.cleanroom.recipe import NotUnderstood, Stage, seconds

PATIENCE_SECONDS = 30.0


class NeverHealthy(Exception):
    """Noted, and its reason is in the log."""


@dataclass(frozen=True)
class Stand:
    root: Root
    service: Service
    command: Sequence[str]
    check: Sequence[str]
    check_seconds: float
    start_seconds: float
    log: Path
    promises: Promises

    @classmethod
    def of(cls, stage: Stage, *, root: Root, service: Service, log: Path, promises: Promises) -> "Stand":
        """`stage` is the Dockerfile's last: its words say what runs, and how it is watched."""
        command, check = stage.last("CMD"), stage.last("HEALTHCHECK")
        if command is None or check is None:
            raise NotUnderstood("the last stage needs a CMD and a HEALTHCHECK")
        timeout, start = (seconds(check.flags[name]) for name in ("timeout", "start-period"))
        return cls(root, service, command.command, check.command, timeout, start, log, promises)

    def is_healthy(self, given: dict[str, str]) -> bool:
        """By the image's own check, within the time that it gives itself."""
        try:
            return self.root.call(self.check, given, patience=self.check_seconds).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    @contextmanager
    def running(self, command: Sequence[str], given: dict[str, str]) -> Iterator[Container]:
        with self.log.open("ab") as log, self.root.running(command, given, log) as container:
            yield container

    @asynccontextmanager
    async def web(self, given: dict[str, str]) -> AsyncIterator[Container]:
        """The image's own command, healthy."""
        with self.running(self.command, given) as web:
            await self._healthy(web, given)
            yield web

    @asynccontextmanager
    async def web_and_worker(self, given: dict[str, str]) -> AsyncIterator[tuple[Container, Container]]:
        with ExitStack() as stack:
            worker = stack.enter_context(self.running(["darkroom", "worker"], given))
            async with self.web(given) as web:
                yield web, worker

    async def ended(self, name: str, container: Container, told: float) -> None:
        """Notes its end, which must be no failure, and within the grace since `told`, on the monotonic clock."""
        try:
            end = f"exit code {await asyncio.to_thread(container.wait, PATIENCE_SECONDS)}"
        except subprocess.TimeoutExpired:
            end = "no end"
        took, grace = time.monotonic() - told, self.service.grace_seconds
        self.promises.note(name, end == "exit code 0" and took <= grace, f"{end} after {took:.1f} s of {grace:.0f}")

    async def _healthy(self, web: Container, given: dict[str, str]) -> None:
        began, took, is_healthy = time.monotonic(), 0.0, False
        while not is_healthy and not web.has_ended() and took <= self.start_seconds:
            is_healthy = await asyncio.to_thread(self.is_healthy, given)
            took = time.monotonic() - began
        self.promises.note("the health check passes", is_healthy, f"after {took:.1f} s of {self.start_seconds:.0f}")
        if not is_healthy:
            raise NeverHealthy
