"""One process of ours: in a group of its own, heard line by line, gone when we are."""

import asyncio
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from app.embedded.lifeline import Watchdog, die_with_parent
from app.embedded.output import Output


class Child:
    """The group of its own keeps the terminal's Ctrl-C with the supervisor, who then stops all in order."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], hear: Callable[[str], None]
    ) -> None:
        self.name = name
        self.environment = environment
        self._command = command
        self._hear = hear
        self._process: asyncio.subprocess.Process | None = None
        self._output: Output | None = None
        self._watchdog: Watchdog | None = None
        self._is_cleared = False

    @property
    def tail(self) -> deque[str]:
        """Its last lines."""
        return self._output.tail if self._output else deque()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        output = Output(self._hear)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output.write_end,
                stderr=output.write_end,
                env=dict(self.environment),
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        except BaseException:
            output.discard()
            raise
        output.listen()
        self._output, self._is_cleared = output, False
        self._watchdog = Watchdog.where_needed(self._process.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit code, negative for a signal; what it left running in its group is gone then, too."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        code = await self._process.wait()
        await self._clear_up()
        return code

    async def stop(self, patience: float) -> None:
        """SIGTERM, and SIGKILL after `patience` seconds."""
        process = self._process
        if process is None:
            return
        self.send(signal.SIGTERM)
        await asyncio.wait([asyncio.ensure_future(process.wait())], timeout=patience)
        if process is self._process:  # a keeper may have been quicker and started the next one
            await self._clear_up()

    def send(self, number: signal.Signals) -> None:
        if self._process is not None and self.is_running:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    async def _clear_up(self) -> None:
        if self._process is None or self._output is None or self._is_cleared:
            return
        self._is_cleared = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._watchdog:
            self._watchdog.dismiss()
            self._watchdog = None
        await self._output.drain()
