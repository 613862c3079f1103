"""A Redis of a test's own, on a unix socket, keeping nothing."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Redis:
    process: asyncio.subprocess.Process
    url: str

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def redis_server() -> AsyncIterator[Redis]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("needs redis-server")
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = Path(folder, "redis.sock")
        process = await asyncio.create_subprocess_exec(
            *(program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--daemonize", "no"),
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        async for line in process.stdout:
            if b"ready to accept connections" in line.lower():
                break
        running = Redis(process, f"unix://{socket}")
        try:
            yield running
        finally:
            await running.end()
