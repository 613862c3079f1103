"""Brings the house up in order, keeps it up, and takes it down in the opposite order."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.embedded import EmbeddedPostgres, EmbeddedPostgresError
from scripts.dev import beside
from scripts.dev.child import Child
from scripts.dev.console import Console
from scripts.dev.keeper import Keeper
from scripts.dev.plan import Plan
from scripts.dev.ports import wait_until_free
from scripts.dev.refusals import Ended, GaveUp
from scripts.dev.tunnel import Tunnel

READS_SETTINGS = ("web", "worker")
STOP_PATIENCE = 10  # for web, worker and emulator together
POSTGRES_PATIENCE = 30  # its last checkpoint, on a slow disk
READY_PATIENCE = 120
STEP = 0.1
SAID_EVERY = 10.0


@dataclass(frozen=True, kw_only=True)
class Commands:
    """What is run; the environment comes from the plan."""

    migrate: tuple[str, ...]
    emulator: tuple[str, ...]
    web: tuple[str, ...]
    worker: tuple[str, ...]


class Supervisor:
    def __init__(
        self,
        plan: Plan,
        commands: Commands,
        console: Console,
        inherited: Mapping[str, str],
        tunnel: Tunnel | None = None,
    ) -> None:
        self._plan = plan
        self._commands = commands
        self._console = console
        self._inherited = dict(inherited) | {"PYTHONUNBUFFERED": "1"}
        self._tunnel = tunnel
        self._app_url = plan.app_url
        self._children: dict[str, Child] = {}
        self._keepers: dict[str, Keeper] = {}
        self._keeping: list[asyncio.Task[None]] = []
        self._postgres = (
            EmbeddedPostgres(plan.data, tell=self._hear("postgres")) if plan.has_embedded_postgres else None
        )

    async def run(self, once_ready: Callable[[], Awaitable[int]]) -> int:
        """Up, then whatever is done `once_ready`, then down. Raises Ended when it cannot be kept up."""
        try:
            async with asyncio.TaskGroup() as group:
                await self._bring_up(group)
                code = await once_ready()
                for task in self._keeping:
                    task.cancel()
            return code
        except BaseExceptionGroup as several:
            raise _most_telling(several) from None
        finally:
            await self._take_down()

    def kill(self) -> None:
        """No patience any more. Postgres quits without a checkpoint, and recovers at the next start."""
        for child in self._children.values():
            child.send(signal.SIGKILL)
        if self._postgres:
            self._postgres.send(signal.SIGQUIT)

    async def _bring_up(self, group: asyncio.TaskGroup) -> None:
        plan = self._plan
        await wait_until_free("PORT", plan.host, plan.port)
        if plan.emulator is not None:
            await wait_until_free("EMULATOR_PORT", "127.0.0.1", plan.emulator_port)
        if self._tunnel:
            await self._open_tunnel(group, self._tunnel)
        if self._postgres:
            await self._start_postgres(group, self._postgres)
        beside.leave(plan.data, self._app_environment())
        await self._migrate()
        if plan.emulator is not None:
            self._keep(group, self._child("emulator", self._commands.emulator, plan.emulator))
        self._keep(group, self._child("web", self._commands.web, self._app_environment()))
        if plan.has_worker:
            self._keep(group, self._child("worker", self._commands.worker, self._app_environment()))
        await self._until_ready()

    async def _start_postgres(self, group: asyncio.TaskGroup, postgres: EmbeddedPostgres) -> None:
        began = time.monotonic()
        try:
            await postgres.start()
        except EmbeddedPostgresError as error:
            raise GaveUp(str(error)) from None
        self._console.say(f"Postgres answers on {self._plan.data} ({time.monotonic() - began:.1f} s)")
        keeper = Keeper("postgres", postgres, self._console.say)
        self._spawn(group, keeper.keep(is_started=True))

    async def _migrate(self) -> None:
        migrate = self._child("migrate", self._commands.migrate, self._app_environment())
        try:
            await migrate.start()
        except OSError as error:
            raise GaveUp(f"migrate cannot be started: {error}") from None
        code = await migrate.wait()
        if code != 0:
            raise GaveUp(f"migrate failed with exit code {code}", migrate.tail)
        self._console.say("the database is migrated")

    async def _open_tunnel(self, group: asyncio.TaskGroup, tunnel: Tunnel) -> None:
        if tunnel.command:
            child = self._child(tunnel.name, tunnel.command, {}, hear=tunnel.overhear)
            self._keep(group, child)
        self._app_url = await tunnel.until_open()
        self._console.say(f"{tunnel.name} brings {self._app_url} here")
        self._console.say("through it only webhooks, files and health answer without a key")
        self._spawn(group, tunnel.follow(self._app_url, self._move))

    async def _move(self, app_url: str) -> None:
        """Providers are told a new address: whoever tells them starts again."""
        self._app_url = app_url
        beside.leave(self._plan.data, self._app_environment())
        self._console.say(f"the tunnel has moved to {app_url}; starting web and worker again")
        for name in READS_SETTINGS:
            if name in self._keepers:
                child = self._children[name]
                child.environment = self._complete(self._app_environment())
                if child.is_running:
                    self._keepers[name].expect_an_end()
                    await child.stop(STOP_PATIENCE)

    async def _until_ready(self) -> None:
        began, said = time.monotonic(), 0.0
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            while missing := await self._missing(client):
                waited = time.monotonic() - began
                if waited > READY_PATIENCE:
                    raise GaveUp(f"not ready after {READY_PATIENCE} s: {missing}")
                if waited - said >= SAID_EVERY:
                    said = waited
                    self._console.say(f"not ready yet ({waited:.0f} s): {missing}")
                await asyncio.sleep(STEP)

    async def _missing(self, client: httpx.AsyncClient) -> str:
        """What is not there yet, in words; empty when all is."""
        if self._plan.emulator is not None:
            emulator = await _ask(client, f"{self._plan.emulator_url}/_health")
            if emulator:
                return f"emulator {emulator}"
        web = await _ask(client, f"{self._plan.local_url}/health/ready")
        if web:
            return f"web {web}"
        stopped = [name for name in self._keepers if not self._children[name].is_running]
        return f"{' and '.join(stopped)} not running" if stopped else ""

    async def _take_down(self) -> None:
        beside.remove(self._plan.data)
        if self._children or self._postgres:
            self._console.say("stopping everything (Ctrl-C kills it at once)")
        await asyncio.gather(*(child.stop(STOP_PATIENCE) for child in self._children.values()))
        if self._postgres:
            await self._postgres.stop(POSTGRES_PATIENCE)
        self._console.say("everything is stopped")

    def _child(
        self,
        name: str,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        hear: Callable[[str], None] | None = None,
    ) -> Child:
        passed_on = self._hear(name)

        def heard(line: str) -> None:
            passed_on(line)
            if hear:
                hear(line)

        child = Child(name, command, self._complete(environment), heard)
        self._children[name] = child
        return child

    def _keep(self, group: asyncio.TaskGroup, child: Child) -> None:
        keeper = Keeper(child.name, child, self._console.say, reads_settings=child.name in READS_SETTINGS)
        self._keepers[child.name] = keeper
        self._spawn(group, keeper.keep())

    def _spawn(self, group: asyncio.TaskGroup, work: Coroutine[Any, Any, None]) -> None:
        self._keeping.append(group.create_task(work))

    def _hear(self, name: str) -> Callable[[str], None]:
        return lambda line: self._console.pass_on(name, line)

    def _complete(self, environment: Mapping[str, str]) -> dict[str, str]:
        return self._inherited | dict(environment)

    def _app_environment(self) -> dict[str, str]:
        return dict(self._plan.environment) | {"APP_URL": self._app_url, "NEXT_PUBLIC_APP_URL": self._app_url}


async def _ask(client: httpx.AsyncClient, url: str) -> str:
    """Empty for a 200, else what came instead."""
    try:
        answer = await client.get(url)
    except httpx.HTTPError:
        return "does not answer yet"
    return "" if answer.status_code == 200 else f"answers {answer.status_code}: {answer.text[:300]}"


def _most_telling(several: BaseExceptionGroup[BaseException]) -> BaseException:
    endings = several.subgroup(Ended)
    group: BaseException = endings or several
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group
