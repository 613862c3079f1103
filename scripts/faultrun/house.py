"""Every process of the product and every connection between them, as a run wants them."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import httpx

from app.embedded.lifeline import die_with_parent
from scripts.faultrun import clock, keys
from scripts.faultrun.budgets import SERVICE, Budget
from scripts.faultrun.builds import Build
from scripts.faultrun.canary import Canary
from scripts.faultrun.database import Server
from scripts.faultrun.design import ADOPT_WITHIN_SECONDS, MAX_OUTPUT_BYTES, ORPHAN_AGE_SECONDS, POOL_SIZE, Design
from scripts.faultrun.emulator import Emulator
from scripts.faultrun.order import RETENTION_SECONDS, ROOT
from scripts.faultrun.plants import Plants
from scripts.faultrun.ports import free_ports
from scripts.faultrun.processes import Process
from scripts.faultrun.proxies import Address, Proxy

BOOT_SECONDS = 60.0
STEP = 0.05


class Unbuildable(Exception):
    """A process of the house did not come up; the text has its last words."""


class House:
    def __init__(self, folder: Path, build: Build, plants: Plants, seed: int, design: Design) -> None:
        self.folder = folder
        self.build = build
        self.plants = plants
        self.design = design
        self.canary = Canary()
        self.keys: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        """By owner: under which name the product's balances know his key."""
        self.processes: dict[str, Process] = {}
        self.proxies: dict[str, Proxy] = {}
        self.database = Server(folder / "data", self.logs / "postgres.log", design.postgres)
        webs = [f"web-{at + 1}" for at in range(design.webs)]
        self._ports = dict(zip([*webs, "emulator", "api", "cdn", "hook"], free_ports(len(webs) + 4), strict=True))
        self.webs = {name: f"http://127.0.0.1:{self._ports[name]}" for name in webs}
        self.workers = [f"worker-{at + 1}" for at in range(design.workers)]
        self.emulator = Emulator(f"http://127.0.0.1:{self._ports['emulator']}", plants.api_key)
        self._dice = random.Random(f"{seed}:proxies")
        self._boots = httpx.AsyncClient(trust_env=False, timeout=2)

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def blobs(self) -> Path:
        return self.folder / "data" / "blobs"

    @property
    def budgets(self) -> dict[str, Budget]:
        """By account: all that bound anybody."""
        found = {self.accounts[owner]: budget for owner, budget in self.design.budgets.items()}
        return found if self.design.service is None else {**found, SERVICE: Budget("daily", self.design.service)}

    @property
    def app_url(self) -> str:
        return f"http://127.0.0.1:{self._ports['hook']}"

    @property
    def cdn_url(self) -> str:
        return f"http://127.0.0.1:{self._ports['cdn']}"

    async def start(self) -> None:
        """Everything up and ready, one key for every owner. Raises Unbuildable."""
        await self.canary.start()
        self._add_emulator()
        await asyncio.gather(self.database.start(), self.processes["emulator"].start(), self._start_proxies())
        await self._run("migrate", "migrate")
        self._add_product()
        await asyncio.gather(self._make_keys(), *(self.processes[name].start() for name in (*self.webs, *self.workers)))
        await asyncio.gather(*(self.until_ready(name) for name in (*self.webs, "emulator")))

    async def stop(self) -> None:
        for proxy in self.proxies.values():
            proxy.release()
        await asyncio.gather(*(process.end(5) for process in self.processes.values()), return_exceptions=True)
        for proxy in self.proxies.values():
            await proxy.stop()
        await self.database.stop()
        await self.canary.stop()
        await self.emulator.close()
        await self._boots.aclose()

    async def until_ready(self, name: str, patience: float = BOOT_SECONDS) -> bool:
        """False when it does not answer in time. A worker has no door: it counts as ready once it runs."""
        if name in self.workers:
            return self.processes[name].is_running
        path = "/_health" if name == "emulator" else "/health"
        async with asyncio.timeout(patience):
            while True:
                try:
                    answer = await self._boots.get(f"http://127.0.0.1:{self._ports[name]}{path}")
                    if answer.status_code == 200:
                        return True
                except httpx.HTTPError:
                    pass
                if not self.processes[name].is_running and self.processes[name].starts == 1:
                    raise Unbuildable(f"{name} ended with {self.processes[name].exit_code}:\n{self.tail(name)}")
                await asyncio.sleep(STEP)

    def tail(self, name: str, most: int = 2_000) -> str:
        log = self.logs / f"{name}.log"
        return log.read_bytes()[-most:].decode(errors="replace") if log.is_file() else ""

    async def command(self, *words: str) -> tuple[int, str]:
        """`darkroom …` of the build: its exit code and what it printed."""
        return await self._execute(self._darkroom(*words))

    async def _execute(self, command: Sequence[str]) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.folder,
            env=self._environment(""),
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        said, complained = await process.communicate()
        return process.returncode or 0, (said or complained).decode(errors="replace")

    async def _run(self, name: str, *words: str) -> str:
        code, said = await self.command(*words)
        if code != 0:
            raise Unbuildable(f"darkroom {name} ended with {code}:\n{said[-2000:]}")
        return said

    async def _make_keys(self) -> None:
        code, said = await self._execute(keys.making(self.design.owners, self.design.budgets))
        if code != 0:
            raise Unbuildable(f"darkroom keys create ended with {code}:\n{said[-2000:]}")
        for owner, key in zip(self.design.owners, keys.made(said), strict=True):
            self.keys[owner], self.accounts[owner] = key.text, key.account

    async def _start_proxies(self) -> None:
        real = Address(path=self.database.socket)
        for name in (*self.webs, *self.workers):
            self._add_proxy(f"pg-{name}", Address(path=self._socket(name) / ".s.PGSQL.5432"), [real])
        emulator = Address(port=self._ports["emulator"])
        self._add_proxy("api", Address(port=self._ports["api"]), [emulator])
        self._add_proxy("cdn", Address(port=self._ports["cdn"]), [emulator])
        self._add_proxy(
            "hook", Address(port=self._ports["hook"]), [Address(port=self._ports[web]) for web in self.webs]
        )
        await asyncio.gather(*(proxy.start() for proxy in self.proxies.values()))

    def _add_proxy(self, name: str, listen: Address, targets: list[Address]) -> None:
        self.proxies[name] = Proxy(name, listen, targets, self._dice, self.design.watches.get(name))

    def _socket(self, name: str) -> Path:
        return self.folder / "s" / name

    def _add_emulator(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EMULATOR_")}
        environment |= {
            "EMULATOR_PORT": str(self._ports["emulator"]),
            "EMULATOR_API_KEY": self.plants.api_key,
            "EMULATOR_WEBHOOK_SECRET": self.plants.webhook_secret,
            "EMULATOR_SIGNING_KEY": "secret",
            "EMULATOR_ORIGIN": self.cdn_url,
            "EMULATOR_ART": "plain",
            "EMULATOR_RETENTION": str(RETENTION_SECONDS),
            "EMULATOR_WEBHOOK_TIMEOUT": "4",
            "EMULATOR_DURATION": "0.8",
            "DARKROOM_DATA": str(self.folder / "provider"),
            **self.design.emulated,
        }
        command = (sys.executable, "-m", "scripts.emulator")
        self.processes["emulator"] = Process("emulator", command, environment, ROOT, self.logs / "emulator.log")

    def _add_product(self) -> None:
        for name in (*self.webs, *self.workers):
            command = self._darkroom("web" if name in self.webs else "worker")
            environment, log = self._environment(name), self.logs / f"{name}.log"
            if name == self.design.shifted:
                environment |= clock.ahead(self.folder / "clock", environment["PYTHONPATH"])
            self.processes[name] = Process(name, command, environment, self.folder, log)

    def _darkroom(self, *words: str) -> tuple[str, ...]:
        return (sys.executable, "-c", "from app.cli import main; main()", *words)

    def _environment(self, name: str) -> dict[str, str]:
        """`name` is the process's own, empty for commands, which need no proxy."""
        passed = {word: os.environ[word] for word in ("PATH", "HOME", "LANG") if word in os.environ}
        folder = self._socket(name) if name else self.database.socket.parent
        return {
            **passed,
            **self.build.environment,
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": f"postgresql://darkroom@/darkroom?host={quote(str(folder))}&port=5432",
            "DATABASE_POOL_SIZE": str(POOL_SIZE),
            "DARKROOM_DATA": str(self.folder / "data"),
            "PORT": str(self._ports.get(name, 0) or self._ports["hook"]),
            "APP_URL": self.app_url,
            "ENVIRONMENT": "development",
            "AUTH_REQUIRED": "true",
            "RATE_LIMIT_GENERATE": "off",
            "RATE_LIMIT_BATCH": "off",
            "LOG_FORMAT": "json",
            "SKYTELLS_BASE_URL": f"http://127.0.0.1:{self._ports['api']}/v1",
            "SKYTELLS_API_KEY": self.plants.api_key,
            "SKYTELLS_WEBHOOK_SECRET": self.plants.webhook_secret,
            "SKYTELLS_OUTPUT_HOSTS": "127.0.0.1",
            "OUTBOUND_ALLOW_NETS": "127.0.0.1/32",
            "WORKER_LEASE_SECONDS": f"{self.design.lease:g}",
            "RECONCILE_MAX_SECONDS": "10",
            "MAX_OUTPUT_BYTES": str(MAX_OUTPUT_BYTES),
            "ORPHAN_AGE_SECONDS": str(ORPHAN_AGE_SECONDS),
            "ADOPT_WITHIN_SECONDS": str(ADOPT_WITHIN_SECONDS),
            "SKYTELLS_OUTPUT_LIFETIME_SECONDS": str(RETENTION_SECONDS),
            **({} if self.design.service is None else {"DAILY_BUDGET": str(self.design.service)}),
            **self.design.settings,
        }
