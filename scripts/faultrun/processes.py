"""One child: logs into a file, dies with us, can be killed, frozen and started again."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from app.embedded.lifeline import die_with_parent


class Process:
    """Started from the main thread, since on Linux a child dies with the thread that forked it."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
    ) -> None:
        self.name = name
        self.command = command
        self.environment = dict(environment)
        self.log = log
        self.starts = 0
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self.is_running else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode if self._process else None

    async def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self.environment,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        self.starts += 1

    async def wait(self) -> int:
        assert self._process is not None, f"{self.name} was not started"
        return await self._process.wait()

    def send(self, number: signal.Signals) -> bool:
        pid = self.pid
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            return True
        return False

    async def kill(self) -> None:
        """Gone when it returns."""
        self.send(signal.SIGKILL)
        if self._process is not None:
            await self._process.wait()

    async def end(self, patience: float) -> bool:
        """SIGTERM, and SIGKILL after `patience` seconds; False if that was needed."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        if self._process is None:
            return True
        try:
            async with asyncio.timeout(patience):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
            return False
        return True
