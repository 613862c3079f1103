"""A folder, a server and its databases; the processes that a figure is about are opened here, and closed."""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from app.db.migrations import migrate
from app.embedded.cluster import DATABASE
from scripts.benchmarks.stage import ports
from scripts.benchmarks.stage.processes import Process, running
from scripts.benchmarks.stage.service import Service
from scripts.benchmarks.stage.sql import ask

ROOT = Path(__file__).resolve().parents[3]
SECRET = "bench-webhook-secret"
EMULATOR_KEY = "sk-emulator"
DARKROOM = (sys.executable, "-c", "from app.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Stage:
    folder: Path
    url: str
    server: Process
    _numbers: Iterator[int] = field(default_factory=count)

    def database(self, name: str, *, like: str | None = None) -> str:
        """The address of a new one: empty, or with all that is in another, to which nobody may be connected."""
        template = f" TEMPLATE {like} STRATEGY FILE_COPY" if like else ""
        ask(self.url, f"CREATE DATABASE {name}{template}")
        return self.address(name)

    def migrated(self, name: str) -> str:
        """The address of a new one with the product's tables."""
        address = self.database(name)
        migrate(address)
        return address

    def address(self, name: str) -> str:
        return self.url.replace(f"/{DATABASE}?", f"/{name}?")

    @contextmanager
    def web(self, database: str, **settings: str) -> Iterator[Service]:
        """One web process, with keys required, no worker in it and an empty memory."""
        port = ports.take()
        environment = self._environment(database, port) | settings
        with self.process("web", [*DARKROOM, "web"], environment) as process:
            url = f"http://127.0.0.1:{port}"
            process.until_answering(f"{url}/health")  # ready it may not be: nobody works
            yield Service(url, port, process, self.folder, environment)

    @contextmanager
    def worker(self, service: Service, **settings: str) -> Iterator[Process]:
        with self.process("worker", [*DARKROOM, "worker"], {**service.environment, **settings}) as process:
            yield process

    @contextmanager
    def emulator(self, **words: str) -> Iterator[str]:
        """Its address, which web and worker of this stage buy at. `words` are of its dialect."""
        port = ports.emulator()
        environment = {f"EMULATOR_{name.upper()}": word for name, word in words.items()}
        environment |= _passed_on() | {
            "EMULATOR_PORT": str(port),
            "EMULATOR_API_KEY": EMULATOR_KEY,
            "EMULATOR_WEBHOOK_SECRET": SECRET,
            "EMULATOR_SIGNING_KEY": "secret",
            "DARKROOM_DATA": str(self.folder / f"emulator-{next(self._numbers)}"),
        }
        command = [sys.executable, "-m", "scripts.emulator"]
        with self.process("emulator", command, environment) as process:
            process.until_answering(f"http://127.0.0.1:{port}/_health")
            yield f"http://127.0.0.1:{port}"

    @contextmanager
    def reference(self, name: str, *arguments: str) -> Iterator[int]:
        """The port of `scripts.benchmarks.references.NAME`."""
        port = ports.take()
        command = [sys.executable, "-m", f"scripts.benchmarks.references.{name}", "--port", str(port), *arguments]
        with self.process(name, command, _passed_on()) as process:
            process.until_answering(f"http://127.0.0.1:{port}/health")
            yield port

    @contextmanager
    def process(self, name: str, command: Sequence[str], environment: dict[str, str]) -> Iterator[Process]:
        log = self.folder / f"{name}-{next(self._numbers)}.log"
        with running(name, command, environment=environment, folder=self.folder, log=log) as process:
            yield process

    def _environment(self, database: str, port: int) -> dict[str, str]:
        return _passed_on() | {
            "DATABASE_URL": database,
            "DARKROOM_DATA": str(self.folder / "data"),
            "PORT": str(port),
            "APP_URL": f"http://127.0.0.1:{port}",
            "ENVIRONMENT": "development",
            "AUTH_REQUIRED": "true",
            "SKYTELLS_BASE_URL": f"http://127.0.0.1:{ports.emulator()}/v1",
            "SKYTELLS_API_KEY": EMULATOR_KEY,
            "SKYTELLS_WEBHOOK_SECRET": SECRET,
            "SKYTELLS_OUTPUT_HOSTS": "127.0.0.1",
            "OUTBOUND_ALLOW_NETS": "127.0.0.0/8",
        }


@contextmanager
def open_stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "scripts.benchmarks.stage.server", name]
        log = folder / "server.log"
        with running("postgres", command, environment=_passed_on(), folder=folder, log=log, patience=60) as server:
            url = server.popen.stdout.readline().strip() if server.popen.stdout else ""
            if not url:
                raise RuntimeError(f"Postgres did not come up:\n{server.tail}")
            yield Stage(folder, url, server)


def _passed_on() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
