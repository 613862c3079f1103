"""A server that says exactly what a test tells it to, however improper."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """The head of a request; header names are in small letters."""

    path: str
    headers: dict[str, str]


@dataclass
class RawServer:
    """Answers by path. Bytes stand for themselves, functions write as they like; then the socket closes."""

    port: int = 0
    connections: int = 0
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, bytes | Answer] = field(default_factory=dict)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def answer(self, path: str, answer: bytes | Answer, *headers: str, status: str = "200 OK") -> None:
        """With headers given, bytes are a body."""
        if isinstance(answer, bytes) and headers:
            answer = head(*headers, status=status) + answer
        self.answers[path] = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            request = _parsed(await reader.readuntil(b"\r\n\r\n"))
            self.requests.append(request)
            answer = self.answers[request.path]
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(request, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client had enough, or the test is over
        finally:
            writer.close()


def head(*headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


@asynccontextmanager
async def raw_server() -> AsyncIterator[RawServer]:
    raw = RawServer()
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(raw.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    raw.port = server.sockets[0].getsockname()[1]
    yield raw
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await server.wait_closed()


def _parsed(raw: bytes) -> Request:
    first, *lines = raw.decode("latin-1").strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Request(first.split()[1], {name.lower(): value for name, value in headers.items()})
