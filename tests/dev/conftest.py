import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dev.processes import is_alive, until
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
HAS_MEMORY_FOLDER = Path("/dev/shm").is_dir()  # disks of small machines are slow at copying clusters
ROLES = ("migrate", "emulator", "web", "worker", "grandchild")


def _hang_up_as_usual() -> None:
    """Even if the tests themselves were started under nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class House:
    """`up` with stand-ins in a folder of its own. Without Postgres unless asked, since most tests need none."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port, self.emulator_port = free_port(), free_port()
        self.out: list[str] = []
        self.err: list[str] = []
        self.process: Process | None = None
        self._readers: list[asyncio.Task[None]] = []

    def tell(self, role: str, words: str) -> None:
        (self.root / f"{role}.does").write_text(words)

    async def up(self, *flags: str, postgres: bool = False, **environment: str) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.dev.house", str(self.root), *flags),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            cwd=ROOT,
            env=self.environment(postgres=postgres) | environment,
            preexec_fn=_hang_up_as_usual,
        )
        assert self.process.stdout
        assert self.process.stderr
        self._readers = [
            asyncio.create_task(_read(self.process.stdout, self.out)),
            asyncio.create_task(_read(self.process.stderr, self.err)),
        ]

    def environment(self, *, postgres: bool = False) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "STAGE": str(self.root),
            "PORT": str(self.port),
            "EMULATOR_PORT": str(self.emulator_port),
            **({} if postgres else {"DATABASE_URL": "postgresql://nobody@nowhere/nothing"}),
        }

    async def ready(self) -> None:
        await until(lambda: bool(self.out), what=f"not ready:\n{self.said}")

    async def ended(self, seconds: float = 60) -> int:
        assert self.process
        try:
            await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            raise AssertionError(f"did not end:\n{self.said}") from None
        await asyncio.gather(*self._readers)
        return await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.send(number)
        return await self.ended()

    def send(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    @property
    def said(self) -> str:
        return "\n".join(self.err)

    def pids(self, *roles: str) -> list[int]:
        files = [self.root / f"{role}.pids" for role in roles or ROLES]
        return [int(pid) for file in files if file.exists() for pid in file.read_text().split()]

    def postmaster(self) -> int:
        (file,) = (self.root / "data").glob("pg*/postmaster.pid")
        return int(file.read_text().splitlines()[0])

    def env(self, role: str) -> dict[str, str]:
        return dict(json.loads((self.root / f"{role}.env").read_text()))

    def asked(self) -> dict[str, Any]:
        return dict(json.loads((self.root / "asked.json").read_text()))

    def living(self) -> list[int]:
        return [pid for pid in self.pids() if is_alive(pid)]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Whatever the test did: in the end nothing of it may run."""
    root = Path(tempfile.mkdtemp(prefix="dk", dir="/dev/shm" if HAS_MEMORY_FOLDER else "/tmp"))
    house = House(root)
    yield house
    if house.process and house.process.returncode is None:
        house.process.kill()
        await house.ended()
    await until(lambda: not house.living(), what="left behind")
    shutil.rmtree(root, ignore_errors=True)


Serve = Callable[[Callable[[str], tuple[int, object]]], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Gives a function from path to (status, JSON) an address of its own."""
    servers: list[asyncio.Server] = []

    async def start(answer: Callable[[str], tuple[int, object]]) -> str:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            status, body = answer(head.split()[1].decode())
            content = json.dumps(body).encode()
            writer.write(
                f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n"
                f"content-length: {len(content)}\r\n\r\n".encode()
                + content
            )
            await writer.drain()
            writer.close()

        port = free_port()
        servers.append(await asyncio.start_server(handle, "127.0.0.1", port))
        return f"http://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


async def _read(stream: asyncio.StreamReader, lines: list[str]) -> None:
    async for line in stream:
        lines.append(line.decode().rstrip("\n"))
