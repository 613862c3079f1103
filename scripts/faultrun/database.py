"""The run's Postgres: durable, crashed on demand, its words kept in a file."""

import asyncio
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from app.embedded import EmbeddedPostgres

SETTINGS = {"log_lock_waits": "on", "deadlock_timeout": "1s", "log_min_duration_statement": "-1"}
PAUSE = 0.05


class Server:
    """`on_down` and `on_up` are told the times of every outage, seconds since the epoch."""

    def __init__(self, data: Path, log: Path, settings: Mapping[str, str] | None = None) -> None:
        own = {
            "logging_collector": "on",
            "log_directory": str(log.parent),
            "log_filename": log.name,
            "log_file_mode": "0644",
            "log_rotation_age": "0",
            "log_rotation_size": "0",
        }
        self.log = log
        self._postgres = EmbeddedPostgres(data, settings={**SETTINGS, **own, **(settings or {})})
        self.crashes = 0

    @property
    def url(self) -> str:
        return self._postgres.url

    @property
    def socket(self) -> Path:
        return socket_of(self.url)

    @property
    def pid(self) -> int | None:
        process = self._postgres.process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        await self._postgres.start()

    async def stop(self) -> None:
        await self._postgres.stop(patience=10)

    async def crash(self, how: signal.Signals, told: Callable[[float, float], None] | None = None) -> None:
        """Down without a checkpoint, and up again; returns when it answers."""
        began = time.time()
        self.crashes += 1
        self._postgres.send(how)
        await self._postgres.wait()
        await self._postgres.start()
        if told:
            told(began, time.time())

    async def terminate_backends(self, share: float) -> int:
        """Some of the product's connections, oldest first by no rule but the server's; how many were ended."""
        connection = await self.connect()
        try:
            query = (
                "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE "
                "backend_type = 'client backend' AND application_name <> 'faultrun' AND random() < $1) AS chosen"
            )
            return int(await connection.fetchval(query, share))
        finally:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=2)

    async def connect(self, patience: float = 30.0) -> asyncpg.Connection:
        """Ours, known by its name; tried until it works or `patience` seconds are over."""
        end = time.monotonic() + patience
        while True:
            try:
                return await asyncpg.connect(
                    self.url, timeout=5, command_timeout=60, server_settings={"application_name": "faultrun"}
                )
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(PAUSE)


def socket_of(url: str) -> Path:
    """Where a server listens whose URL names a folder as its host."""
    (folder,) = parse_qs(urlsplit(url).query)["host"]
    return Path(folder) / ".s.PGSQL.5432"
