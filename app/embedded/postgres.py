"""The launcher: makes the cluster when there is none, keeps the server, knows when it really answers."""

import asyncio
import shutil
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import asyncpg

from app.embedded.binaries import Binaries, choose_binaries, existing_cluster
from app.embedded.chatter import Chatter
from app.embedded.cluster import (
    DATABASE,
    disarm_pid_file,
    hold,
    living_postmaster,
    make_socket_folder,
    move_into_place,
    remove_unfinished,
    url,
)
from app.embedded.configuration import SETTINGS, environment, initdb_arguments, server_arguments
from app.embedded.errors import FolderInUse, StartFailed
from app.embedded.identity import Identity, current_identity
from app.embedded.lifeline import Watchdog, die_with_parent
from app.embedded.output import Output

NOT_YET = (  # it listens before it serves, and clients that came back first may crowd it
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)
REFUSED = (asyncpg.PostgresError, asyncpg.InterfaceError)
STILL_ATTACHED = "pre-existing shared memory block"
PREDECESSOR_PATIENCE = 120  # a fast shutdown ends with a checkpoint, which a slow disk draws out
ATTEMPT_PATIENCE = 5
STEP = 0.03
RETRY_PAUSE = 0.2
TOLD_EVERY = 5.0


class EmbeddedPostgres:
    """One server on `{data}/pg{major}`, reached at `url`.

    Start it from the main thread: on Linux it is the launching thread's end that takes the server along.
    After the server's death (`wait` returns) `start` brings it back; `stop` also lets go of the folder.
    """

    def __init__(
        self,
        data: Path,
        *,
        settings: Mapping[str, str] | None = None,
        tell: Callable[[str], None] = lambda line: None,
        binaries: Binaries | None = None,
        identity: Identity | None = None,
    ) -> None:
        self.data = data.resolve()
        self.url = url(data)
        self.process: asyncio.subprocess.Process | None = None
        self._settings = SETTINGS | dict(settings or {})
        self._tell = tell
        self._hear = Chatter(tell).hear
        self._binaries = binaries
        self._identity = identity
        self._lock: IO[str] | None = None
        self._output: Output | None = None
        self._watchdog: Watchdog | None = None

    @property
    def tail(self) -> deque[str]:
        """The server's last lines."""
        return self._output.tail if self._output else deque()

    async def start(self) -> None:
        """Returns once a query was answered, however long a recovery takes. Raises EmbeddedPostgresError."""
        self._lock = self._lock or hold(self.data)
        try:
            identity = self._identity or current_identity()
            binaries = self._binaries or choose_binaries(self.data)
            folder = self.data / f"pg{binaries.major}"
            if existing_cluster(self.data) is None:
                await self._make_cluster(binaries, identity, folder)
            identity.adopt(folder)
            await self._wait_for_predecessor(folder)
            await self._serve(binaries, identity, folder)
            await self._ensure_database()
        except (*REFUSED, OSError) as error:
            await self.stop()
            raise StartFailed(f"Postgres on {self.data} cannot be used ({error})", self.tail) from None
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> int:
        """The server's exit code, negative for a signal."""
        if self.process is None:
            raise RuntimeError("not started")
        code = await self.process.wait()
        await self._ended()
        return code

    async def stop(self, patience: float = 60) -> None:
        """A fast shutdown; an immediate one, from which the next start recovers, when that takes too long."""
        for with_signal, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            if self.process is None or self.process.returncode is not None:
                break
            self.send(with_signal)
            await asyncio.wait([asyncio.ensure_future(self.process.wait())], timeout=seconds)
        await self._ended()
        if self._lock:
            self._lock.close()
            self._lock = None

    def send(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    async def _make_cluster(self, binaries: Binaries, identity: Identity, folder: Path) -> None:
        self._tell(f"making the database folder {folder} (Postgres {binaries.major})")
        prefix = f"{folder.name}.making-"
        remove_unfinished(self.data, prefix)
        made = Path(tempfile.mkdtemp(prefix=prefix, dir=self.data))
        identity.adopt(made)
        arguments = initdb_arguments(binaries, made, is_synced=self._settings.get("fsync") != "off")
        process = await self._spawn([*identity.prefix, *arguments], identity, signal.SIGKILL)
        try:
            code = await process.wait()
            await self._ended()
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
        if code != 0:
            shutil.rmtree(made, ignore_errors=True)
            raise StartFailed(f"initdb of Postgres {binaries.major} failed in {self.data}", self.tail)
        move_into_place(made, folder)

    async def _wait_for_predecessor(self, folder: Path) -> None:
        """The server of a launcher that was killed is told to stop at that moment, and may need a while."""
        began, told = time.monotonic(), 0.0
        while (pid := living_postmaster(folder)) is not None:
            waited = time.monotonic() - began
            if waited > PREDECESSOR_PATIENCE:
                raise FolderInUse(folder, f"a Postgres that somebody else started (process {pid})")
            if waited - told >= TOLD_EVERY:
                told = waited
                self._tell(f"waiting for an earlier Postgres on this folder to end (process {pid}, {waited:.0f} s)")
            await asyncio.sleep(STEP)

    async def _serve(self, binaries: Binaries, identity: Identity, folder: Path) -> None:
        """Tries again while backends of a killed server are not gone yet: they have to notice first."""
        began, told = time.monotonic(), False
        while not await self._comes_up(binaries, identity, folder):
            await self._ended()
            is_cured_by_time = any(STILL_ATTACHED in line for line in self.tail)
            if not is_cured_by_time or time.monotonic() - began > PREDECESSOR_PATIENCE:
                raise StartFailed(f"Postgres {binaries.major} on {folder} did not start", self.tail)
            if not told:
                told = True
                self._tell("waiting for what is left of a killed Postgres to end")
            await asyncio.sleep(RETRY_PAUSE)

    async def _comes_up(self, binaries: Binaries, identity: Identity, folder: Path) -> bool:
        disarm_pid_file(folder)
        sockets = make_socket_folder(self.data, identity)
        command = [*identity.prefix, *server_arguments(binaries, folder, sockets, self._settings)]
        return await self._answers(await self._spawn(command, identity, signal.SIGINT))

    async def _answers(self, process: asyncio.subprocess.Process) -> bool:
        """A query, not a connect: a server in recovery accepts connections and refuses them."""
        began, told = time.monotonic(), 0.0
        while process.returncode is None:
            try:
                await self._query("SELECT 1")
            except NOT_YET:
                waited = time.monotonic() - began
                if waited - told >= TOLD_EVERY:
                    told = waited
                    self._tell(f"Postgres is recovering ({waited:.0f} s)")
                await asyncio.sleep(STEP)
            else:
                return True
        return False

    async def _ensure_database(self) -> None:
        if not await self._query(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):  # noqa: S608
            await self._query(f"CREATE DATABASE {DATABASE}")

    async def _query(self, statement: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url, database="postgres", timeout=ATTEMPT_PATIENCE, command_timeout=60)
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement)
            return rows
        finally:
            await connection.close(timeout=ATTEMPT_PATIENCE)

    async def _spawn(
        self, command: list[str], identity: Identity, last_signal: signal.Signals
    ) -> asyncio.subprocess.Process:
        await self._ended()
        output = Output(self._hear)
        try:
            self.process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output.write_end,
                stderr=output.write_end,
                cwd="/",
                env=environment(),
                start_new_session=True,
                preexec_fn=die_with_parent(last_signal),
                **identity.process_arguments,
            )
        except BaseException:
            output.discard()
            raise
        output.listen()
        self._output = output
        self._watchdog = Watchdog.where_needed(self.process.pid, last_signal)
        return self.process

    async def _ended(self) -> None:
        if self._watchdog:
            self._watchdog.dismiss()
            self._watchdog = None
        if self._output:
            await self._output.drain()
