"""Clients that hold on: they are let go in time, and nobody else waits for them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.web.connections import LARGEST_HEADERS
from tests.house import House, eventually
from tests.web.steps import file_stored

END = 60.0
"""Seconds after which a test gives up waiting for a connection to be closed."""
HEAD = b"POST /api/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
BODILESS = ("/health", "/docs", "/api/models", "/api/predictions", "/files/abc", "/nothing")


class Line:
    """A connection, spoken over by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def say(self, *pieces: bytes) -> None:
        self._writer.write(b"".join(pieces))

    async def until_closed(self) -> bytes:
        """All that came before the other side closed."""
        async with asyncio.timeout(END):
            try:
                return await self._reader.read()
            except ConnectionResetError:
                return b""

    async def answer(self) -> bytes:
        """One whole answer's head and body."""
        async with asyncio.timeout(END):
            head = await self._reader.readuntil(b"\r\n\r\n")
            (length,) = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-len")]
            return head + await self._reader.readexactly(int(length))

    async def drip_until_closed(self, piece: bytes) -> bytes:
        """Says the piece again and again, each time long before patience ends."""
        closed = asyncio.create_task(self.until_closed())
        while not closed.done():
            self.say(piece)
            await asyncio.wait([closed], timeout=0.05)
        return closed.result()

    def pause_reading(self) -> None:
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]

    def resume_reading(self) -> None:
        self._writer.transport.resume_reading()  # type: ignore[attr-defined]

    def is_lost(self) -> bool:
        """Reset by the other side, which a half-closed one is not yet."""
        return self._reader.exception() is not None or self._writer.transport.is_closing()

    def hang_up(self) -> None:
        self._writer.transport.abort()


@asynccontextmanager
async def line_to(house: House) -> AsyncIterator[Line]:
    line = Line(*await asyncio.open_connection("127.0.0.1", house.settings.port))
    try:
        yield line
    finally:
        line.hang_up()


def problem_in(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    document = json.loads(body)
    assert b"content-type: application/problem+json" in head.lower()
    assert b"connection: close" in head.lower()
    assert document["type"] == f"urn:darkroom:problem:{document['code']}"
    assert document["request_id"]
    assert int(head.split()[1]) == document["status"]
    return document["status"], document["code"]


async def test_who_never_speaks_is_let_go_without_a_word(hurried: House) -> None:
    async with line_to(hurried) as line:
        assert await line.until_closed() == b""


async def test_who_stops_within_the_headers_is_told_why(hurried: House) -> None:
    async with line_to(hurried) as line:
        line.say(HEAD)
        assert problem_in(await line.until_closed()) == (408, "headers_too_slow")


async def test_who_drips_headers_gains_no_time(hurried: House) -> None:
    async with line_to(hurried) as line:
        line.say(HEAD)
        assert problem_in(await line.drip_until_closed(b"X-A: b\r\n")) == (408, "headers_too_slow")


async def test_who_drips_empty_lines_gains_no_time(hurried: House) -> None:
    async with line_to(hurried) as line:
        assert await line.drip_until_closed(b"\r\n") == b""


async def test_who_stops_within_the_body_is_told_why(hurried: House) -> None:
    async with line_to(hurried) as line:
        line.say(HEAD, b"Content-Length: 90\r\n\r\n{")
        assert problem_in(await line.until_closed()) == (408, "body_too_slow")


@pytest.mark.parametrize("path", [b"/api/generate", b"/api/webhooks", b"/api/webhooks/skytells"])
async def test_who_drips_a_body_gains_no_time(hurried: House, path: bytes) -> None:
    async with line_to(hurried) as line:
        line.say(HEAD.replace(b"/api/predictions", path), b"Transfer-Encoding: chunked\r\n\r\n")
        assert problem_in(await line.drip_until_closed(b"1\r\n \r\n"))[1] == "body_too_slow"


@pytest.mark.parametrize("path", BODILESS)
async def test_a_body_that_nobody_asked_for_holds_no_connection(hurried: House, path: str) -> None:
    async with line_to(hurried) as line:
        line.say(f"GET {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n".encode())
        came = await line.drip_until_closed(b" ")
        assert came.startswith(b"HTTP/1.1 ") or came == b""  # an answer that takes longer than such a client may wait


async def test_a_connection_that_idles_between_requests_is_closed(hurried: House) -> None:
    async with line_to(hurried) as line:
        line.say(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await line.answer()).startswith(b"HTTP/1.1 200")
        assert await line.until_closed() == b""


async def test_a_second_request_has_its_own_time_and_no_more(hurried: House) -> None:
    async with line_to(hurried) as line:
        line.say(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        await line.answer()
        assert problem_in(await line.drip_until_closed(b"GET /health HTTP/1.1\r\n"))[0] in (400, 408)


async def test_half_a_request_behind_a_whole_one_is_not_waited_for(hurried: House) -> None:
    async with line_to(hurried) as line:
        line.say(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHo")
        assert (await line.answer()).startswith(b"HTTP/1.1 200")
        assert problem_in(await line.until_closed()) == (408, "headers_too_slow")


async def test_a_whole_request_behind_another_is_answered(standing: House) -> None:
    async with line_to(standing) as line:
        line.say(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        for _ in range(3):
            assert (await line.answer()).startswith(b"HTTP/1.1 200")


async def test_who_does_not_take_his_answer_is_let_go(hurried: House) -> None:
    key = await file_stored(hurried, b"\x89PNG" + bytes(32_000_000), "image/png", "png")
    async with line_to(hurried) as line:
        line.pause_reading()
        line.say(f"GET /files/{key} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        await eventually(lambda: requests_under_way() == 1)
        await eventually(lambda: requests_under_way() == 0)


async def test_who_goes_on_sending_still_reads_why_he_was_refused(hurried: House) -> None:
    """Closing over what is unread would reset the connection, and take the answer with it."""
    async with line_to(hurried) as line:
        line.say(HEAD, b"Content-Length: 900000\r\n\r\n{")
        line.pause_reading()
        await eventually(lambda: requests_under_way() == 1)
        await eventually(lambda: requests_under_way() == 0)
        for _ in range(20):
            line.say(b" " * 40_000)
            await asyncio.sleep(0)
        line.resume_reading()
        assert problem_in(await line.until_closed()) == (408, "body_too_slow")


async def test_who_goes_on_sending_is_not_heard_for_ever(hurried: House) -> None:
    async with line_to(hurried) as line:
        line.say(HEAD, b"Content-Length: 9000000\r\n\r\n{")
        await line.until_closed()
        async with asyncio.timeout(END):
            while not line.is_lost():
                line.say(b" ")
                await asyncio.sleep(0.02)


async def test_long_waits_are_nobody_s_fault(hurried: House) -> None:
    """Patience is for clients; an answer may take its time."""
    prediction = (await hurried.create()).json()
    answer = await hurried.client.get(f"/api/predictions/{prediction['id']}?wait=1")
    assert (answer.status_code, answer.json()["status"]) == (200, "starting")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /health HTTP/1.1\r\nX-A: " + b"a" * LARGEST_HEADERS,
        b"GET /" + b"a" * LARGEST_HEADERS,
        b"GET /health HTTP/1.1\r\n" + b"X-A: b\r\n" * (LARGEST_HEADERS // 8),
        b"GET /health HTTP/1.1\r\nX-A: " + b"a" * LARGEST_HEADERS + b"\r\n\r\n",
    ],
    ids=["one header without end", "an address without end", "headers without end", "a large header, complete"],
)
async def test_headers_are_bounded(standing: House, head: bytes) -> None:
    async with line_to(standing) as line:
        line.say(head)
        assert problem_in(await line.drip_until_closed(b"a" * 1000)) == (431, "headers_too_large")


@pytest.mark.parametrize(
    "said",
    [b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\nX A: b\r\n\r\n"],
    ids=["words", "another version", "TLS", "a broken header"],
)
async def test_what_is_no_http_is_told_so(standing: House, said: bytes) -> None:
    async with line_to(standing) as line:
        line.say(said)
        assert problem_in(await line.until_closed()) == (400, "malformed_request")


async def test_hundreds_who_hold_on_hold_nobody_up(standing: House) -> None:
    """Some say nothing, some half their headers, some half their body; and one asks for a picture."""
    sayings = [
        b"",
        HEAD,
        HEAD + b"Content-Length: 90\r\n\r\n{",
        b"GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
    ]
    ends = [await asyncio.open_connection("127.0.0.1", standing.settings.port) for _ in range(300)]
    for number, (_, writer) in enumerate(ends):
        writer.write(sayings[number % len(sayings)])
    try:
        async with asyncio.timeout(END):
            assert (await standing.create()).status_code == 201
            assert (await standing.client.get("/health")).status_code == 200
    finally:
        for _, writer in ends:
            writer.transport.abort()


def requests_under_way() -> int:
    """The server lives in this very loop, and every request is a task in it."""
    return sum(getattr(task.get_coro(), "__name__", "") == "run_asgi" for task in asyncio.all_tasks())
