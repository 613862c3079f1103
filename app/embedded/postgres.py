"""The launcher: makes the cluster when there is none, keeps the server, knows when it really answers."""

import asyncio
import os
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
from app.embedded.cluster import (
    DATABASE,
    PORT,
    ROLE,
    disarm_pid_file,
    hold,
    living_postmaster,
    make_socket_folder,
    move_into_place,
    remove_unfinished,
    url,
)
from app.embedded.errors import FolderInUse, StartFailed
from app.embedded.identity import Identity, current_identity
from app.embedded.lifeline import Watchdog, die_with_parent
from app.embedded.output import Output

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    "log_checkpoints": "off",
    "logging_collector": "off",
}
NOT_YET = (  # it listens before it serves, and clients that came back first may crowd it
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)
STILL_ATTACHED = "pre-existing shared memory block"
DETAILS = ("\t", "DETAIL:", "HINT:", "STATEMENT:", "CONTEXT:")
TROUBLE = ("WARNING:", "ERROR:", "FATAL:", "PANIC:")
NOTABLE = ("recovery", "redo")
PASSING = ("is starting up", "not yet accepting", "is shutting down", "terminating connection")
PREDECESSOR_PATIENCE = 120  # a fast shutdown ends with a checkpoint, which a slow disk draws out
ATTEMPT_PATIENCE = 5
STEP = 0.03
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
        self._binaries = binaries
        self._identity = identity
        self._lock: IO[str] | None = None
        self._output: Output | None = None
        self._watchdog: Watchdog | None = None
        self._is_quiet = False

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
            while True:
                if await self._serve(binaries, identity, folder):
                    break
                await asyncio.sleep(0.2)
            await self._ensure_database()
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
        arguments = _initdb_arguments(binaries, made, is_synced=self._settings.get("fsync") != "off")
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

    async def _serve(self, binaries: Binaries, identity: Identity, folder: Path) -> bool:
        """False when backends of a killed server are not gone yet, which is for their end to cure."""
        disarm_pid_file(folder)
        sockets = make_socket_folder(self.data, identity)
        settings = self._settings | {"unix_socket_directories": '"{}"'.format(str(sockets).replace('"', '""'))}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [*identity.prefix, binaries.postgres, "-D", str(folder), *options]
        process = await self._spawn(command, identity, signal.SIGINT)
        if await self._answers(process):
            return True
        await self._ended()
        if any(STILL_ATTACHED in line for line in self.tail):
            return False
        raise StartFailed(f"Postgres {binaries.major} on {folder} did not start", self.tail)

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
                env=_environment(),
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

    def _hear(self, line: str) -> None:
        """Passes on what is more than routine; details go where the line before them went."""
        if not line.startswith(DETAILS):
            self._is_quiet = _is_routine(line)
        if not self._is_quiet:
            self._tell(line)


def _initdb_arguments(binaries: Binaries, made: Path, *, is_synced: bool) -> list[str]:
    locale = ["--locale=C"]
    if binaries.major >= 17:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        *(binaries.initdb, "--pgdata", str(made), "--username", ROLE, "--encoding=UTF8", *locale),
        *("--auth-local=trust", "--auth-host=reject", "--data-checksums", "--no-instructions"),
        *(() if is_synced else ("--no-sync",)),
    ]


def _environment() -> dict[str, str]:
    """Ours without what libpq reads, and with the language in which we read the server's words."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _is_routine(line: str) -> bool:
    if line.startswith("LOG:"):
        return not any(word in line for word in NOTABLE)
    return not line.startswith(TROUBLE) or any(words in line for words in PASSING)
