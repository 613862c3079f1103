"""`python -m scripts.benchmarks.load.streams PORT FILE COUNT`: so many clients who listen to server-sent events.

Each sends one request of the file, the file from the beginning again after its last, and once more where a busy service
answers 503. Prints `open` once all have got a 200, and stays until its standard input ends; a stream that ends before
is an error.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import uvloop

from scripts.benchmarks.load import requests
from scripts.benchmarks.load.wrk import LoadFailed

ROOT = Path(__file__).resolve().parents[3]
AT_ONCE = 10
TRIES, PAUSE = 10, 1.0
PATIENCE = 300.0


@contextmanager
def listening(port: int, file: Path, count: int) -> Iterator[None]:
    """Raises LoadFailed if one of them is refused or ends."""
    command = [sys.executable, "-m", __spec__.name, str(port), str(file), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        said = process.stdout.readline() if process.stdout else ""
        if said.strip() != "open":
            raise LoadFailed("not all streams could be opened")
        yield
        process.communicate(timeout=PATIENCE)
        if process.returncode != 0:
            raise LoadFailed("a stream ended that should have stayed")
    finally:
        process.kill()
        process.wait()


class Listeners:
    def __init__(self, port: int) -> None:
        self._port = port
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.ended = 0
        self._reading: list[asyncio.Task[None]] = []

    async def open(self, request: bytes) -> None:
        async with self._turns:
            for _ in range(TRIES):
                if await self._is_open(request):
                    return
                await asyncio.sleep(PAUSE)
        raise LoadFailed(f"a stream was refused {TRIES} times")

    async def _is_open(self, request: bytes) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**12)
        writer.write(request)
        status = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
        if status == b"200":
            self._reading.append(asyncio.create_task(self._read(reader, writer)))
        elif status == b"503":
            writer.close()
        else:
            raise LoadFailed(f"a stream was answered {status.decode()}")
        return status == b"200"

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(2**12):
            pass
        self.ended += 1
        writer.close()


async def main(port: str, file: str, count: str) -> int:
    listeners = Listeners(int(port))
    sent = islice(cycle(requests.read(Path(file))), int(count))
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(listeners.open(each) for each in sent))
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    return 1 if listeners.ended else 0


if __name__ == "__main__":
    sys.exit(uvloop.run(main(*sys.argv[1:])))
