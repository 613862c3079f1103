import asyncio
import hashlib
import os
from dataclasses import replace
from typing import cast

import httpx
import pytest

from app.outbound.behind import Sink
from app.outbound.download import BATCH, Downloaded, DownloadLimits, download
from app.outbound.errors import OutputGone, OutputNotHad, OutputRejected, OutputUnavailable
from app.outbound.hosts import HostRules
from app.outbound.wide import PIECE
from tests.outbound.raw_server import RawServer, Request, head

HOSTS = HostRules.of("http://127.0.0.1:*", "http://cdn.test:*", "http://inside.test:*", "http://mixed.test:*")
LIMITS = DownloadLimits(max_bytes=10 * BATCH, total_seconds=10, stall_seconds=5)
BODY = b"a picture, more or less" * 1000


class Memory:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    async def write(self, chunk: bytes, /) -> None:
        self.chunks.append(chunk)

    @property
    def content(self) -> bytes:
        return b"".join(self.chunks)


async def fetch(
    client: httpx.AsyncClient, url: str, *, into: Sink | None = None, limits: DownloadLimits = LIMITS
) -> Downloaded:
    return await download(client, url, hosts=HOSTS, into=into or Memory(), limits=limits)


async def failure(client: httpx.AsyncClient, url: str, limits: DownloadLimits = LIMITS) -> OutputNotHad:
    with pytest.raises(OutputNotHad) as caught:
        await asyncio.wait_for(fetch(client, url, limits=limits), 30)
    return caught.value


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


async def test_a_body_of_known_length_arrives_whole(client: httpx.AsyncClient, server: RawServer) -> None:
    server.answer("/a", BODY, f"Content-Length: {len(BODY)}", "Content-Type: image/png")
    sink = Memory()
    done = await fetch(client, server.url("/a"), into=sink)
    assert sink.content == BODY
    assert done == Downloaded(server.url("/a"), len(BODY), True, "image/png", resumes=0)


async def test_a_chunked_body_arrives_whole(client: httpx.AsyncClient, server: RawServer) -> None:
    server.answer("/a", chunk(BODY[:7]) + chunk(BODY[7:]) + b"0\r\n\r\n", "Transfer-Encoding: chunked")
    sink = Memory()
    done = await fetch(client, server.url("/a"), into=sink)
    assert sink.content == BODY
    assert done.proven_whole


async def test_a_body_that_only_the_close_ends_is_not_proven_whole(
    client: httpx.AsyncClient, server: RawServer
) -> None:
    server.answer("/a", BODY, "Content-Type: image/png")
    done = await fetch(client, server.url("/a"))
    assert (done.size, done.proven_whole) == (len(BODY), False)


async def test_an_empty_body_is_a_body(client: httpx.AsyncClient, server: RawServer) -> None:
    server.answer("/a", b"", "Content-Length: 0")
    sink = Memory()
    assert (await fetch(client, server.url("/a"), into=sink)).size == 0
    assert sink.chunks == []


async def test_the_sink_gets_few_large_pieces(client: httpx.AsyncClient, server: RawServer) -> None:
    body = os.urandom(3 * BATCH + 5)
    server.answer("/a", body, f"Content-Length: {len(body)}")
    sink = Memory()
    await fetch(client, server.url("/a"), into=sink)
    assert hashlib.sha256(sink.content).digest() == hashlib.sha256(body).digest()
    assert len(sink.chunks) <= 4
    assert max(map(len, sink.chunks)) < BATCH + PIECE


async def test_nothing_of_the_client_is_sent_along(client: httpx.AsyncClient, server: RawServer) -> None:
    client.headers["authorization"] = "Bearer the-providers-key"
    client.headers["x-api-key"] = "the-providers-key"
    server.answer("/a", BODY, f"Content-Length: {len(BODY)}")
    await fetch(client, server.url("/a"))
    assert set(server.requests[0].headers) == {"host", "accept", "accept-encoding", "user-agent"}
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 No", "404 No", "410 Gone", "451 Law"])
async def test_a_dead_link_is_gone(client: httpx.AsyncClient, server: RawServer, status: str) -> None:
    server.answer("/a", b"x", "Content-Length: 1", status=status)
    error = await failure(client, server.url("/a"))
    assert isinstance(error, OutputGone)
    assert error.status == int(status[:3])


@pytest.mark.parametrize("status", ["408 Slow", "429 Busy", "500 Oh", "502 Oh", "503 Busy", "204 Nothing", "206 Part"])
async def test_a_busy_or_strange_server_may_be_asked_again(
    client: httpx.AsyncClient, server: RawServer, status: str
) -> None:
    server.answer("/a", b"", "Content-Length: 0", "Retry-After: 7", status=status)
    error = await failure(client, server.url("/a"))
    assert isinstance(error, OutputUnavailable)
    assert (error.reason, error.status) == ("status", int(status[:3]))
    assert error.retry_after == (None if status.startswith("206") else 7)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (head("Content-Length: 100") + b"x" * 99, "truncated"),
        (head("Transfer-Encoding: chunked") + chunk(b"x" * 99), "truncated"),
        (head("Transfer-Encoding: chunked") + b"64\r\n" + b"x" * 50, "truncated"),
        (head("Transfer-Encoding: chunked") + b"nonsense\r\n", "truncated"),
        (head("Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n", "connection"),
        (head("Content-Length: 5", "Content-Length: 6") + b"hello", "connection"),
        (head("Content-Length: many") + b"hello", "connection"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "connection"),
        (b"", "connection"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "connection"),
    ],
)
async def test_a_broken_answer_may_be_asked_for_again(
    client: httpx.AsyncClient, server: RawServer, answer: bytes, reason: str
) -> None:
    server.answer("/a", answer)
    error = await failure(client, server.url("/a"))
    assert isinstance(error, OutputUnavailable)
    assert error.reason == reason


async def test_bytes_beyond_the_promised_length_are_not_taken(client: httpx.AsyncClient, server: RawServer) -> None:
    server.answer("/a", BODY + b"more", f"Content-Length: {len(BODY)}")
    sink = Memory()
    await fetch(client, server.url("/a"), into=sink)
    assert sink.content == BODY


async def test_nobody_listening_is_unavailable(client: httpx.AsyncClient) -> None:
    error = await failure(client, "http://127.0.0.1:9/a")
    assert isinstance(error, OutputUnavailable)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_an_encoded_body_is_rejected(client: httpx.AsyncClient, server: RawServer, encoding: str) -> None:
    server.answer("/a", b"x", "Content-Length: 1", f"Content-Encoding: {encoding}")
    error = await failure(client, server.url("/a"))
    assert isinstance(error, OutputRejected)
    assert error.reason == "encoding"


async def test_a_body_announced_too_large_is_not_even_begun(client: httpx.AsyncClient, server: RawServer) -> None:
    server.answer("/a", b"x", "Content-Length: 11")
    sink = Memory()
    with pytest.raises(OutputRejected, match="too_large"):
        await fetch(client, server.url("/a"), into=sink, limits=replace(LIMITS, max_bytes=10))
    assert sink.chunks == []


async def test_an_endless_body_ends_at_the_limit(client: httpx.AsyncClient, server: RawServer) -> None:
    async def endless(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head("Transfer-Encoding: chunked"))
        while True:
            writer.write(chunk(b"x" * 65_536))
            await writer.drain()

    server.answer("/a", endless)
    sink = Memory()
    with pytest.raises(OutputRejected, match="too_large"):
        await fetch(client, server.url("/a"), into=sink, limits=replace(LIMITS, max_bytes=3 * BATCH))
    assert len(sink.content) <= 3 * BATCH


async def test_a_silent_server_is_left_after_the_stall_time(client: httpx.AsyncClient, server: RawServer) -> None:
    async def silent(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head("Content-Length: 10") + b"x")
        await asyncio.Event().wait()

    server.answer("/a", silent)
    error = await failure(client, server.url("/a"), replace(LIMITS, stall_seconds=0.05))
    assert isinstance(error, OutputUnavailable)
    assert error.reason == "stalled"


async def test_a_dripping_server_is_left_after_the_total_time(client: httpx.AsyncClient, server: RawServer) -> None:
    async def drip(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head("Content-Length: 1000000"))
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.005)

    server.answer("/a", drip)
    error = await failure(client, server.url("/a"), replace(LIMITS, total_seconds=0.1))
    assert isinstance(error, OutputUnavailable)
    assert error.reason == "deadline"


async def test_trouble_of_the_sink_is_not_mistaken_for_the_networks(
    client: httpx.AsyncClient, server: RawServer
) -> None:
    class Full:
        async def write(self, chunk: bytes, /) -> None:
            raise TimeoutError("a slow disk")

    server.answer("/a", BODY, f"Content-Length: {len(BODY)}")
    with pytest.raises(TimeoutError, match="a slow disk"):
        await fetch(client, server.url("/a"), into=Full())


# Redirects


def to(location: str, status: str = "302 Found") -> bytes:
    return head(f"Location: {location}", "Content-Length: 0", status=status)


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
async def test_a_redirect_within_the_list_is_followed(
    client: httpx.AsyncClient, server: RawServer, status: str
) -> None:
    server.answer("/a", to("/b?x=1", status))
    server.answer("/b?x=1", BODY, f"Content-Length: {len(BODY)}")
    done = await fetch(client, server.url("/a"))
    assert (done.url, done.size) == (server.url("/b?x=1"), len(BODY))


async def test_three_redirects_are_followed_and_a_fourth_is_not(client: httpx.AsyncClient, server: RawServer) -> None:
    for here, there in (("/1", "/2"), ("/2", "/3"), ("/3", "/4"), ("/0", "/1")):
        server.answer(here, to(there))
    server.answer("/4", BODY, f"Content-Length: {len(BODY)}")
    assert (await fetch(client, server.url("/1"))).size == len(BODY)
    error = await failure(client, server.url("/0"))
    assert isinstance(error, OutputRejected)
    assert error.reason == "redirects"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://localhost:{port}/b", "host"),
        ("http://elsewhere.test/b", "host"),
        ("https://127.0.0.1:{port}/b", "host"),
        ("//elsewhere.test/b", "host"),
        ("http://user:pass@cdn.test:{port}/b", "host"),
        ("file:///etc/passwd", "host"),
        ("http://inside.test:{port}/b", "address"),
        ("http://mixed.test:{port}/b", "address"),
        ("http://xn--/", "url"),
    ],
)
async def test_every_hop_is_judged_like_the_first(
    client: httpx.AsyncClient, server: RawServer, location: str, reason: str
) -> None:
    server.answer("/a", to(location.format(port=server.port)))
    error = await failure(client, server.url("/a"))
    assert isinstance(error, OutputRejected)
    assert error.reason == reason
    assert server.connections == 1


@pytest.mark.parametrize("location", ["http://[::1", "http://a:b:c/", "http://\x7f/"])
async def test_a_redirect_to_nonsense_fails_like_any_download(
    client: httpx.AsyncClient, server: RawServer, location: str
) -> None:
    server.answer("/a", to(location))
    assert isinstance(await failure(client, server.url("/a")), OutputNotHad)
    assert server.connections == 1


@pytest.mark.parametrize("url", ["", "http://", "not a url", "http://xn--/", "http://[::1"])
async def test_a_link_that_is_none_is_rejected(client: httpx.AsyncClient, url: str) -> None:
    assert isinstance(await failure(client, url), OutputRejected)


# Resuming


class Breaking:
    """Serves a body under a strong ETag, and cuts each answer after so many bytes."""

    def __init__(self, body: bytes, cuts: list[int], etags: list[str] | None = None) -> None:
        self.body = body
        self.cuts = cuts
        self.etags = etags or ['"one"']
        self.ranges: list[str | None] = []

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        wanted = request.headers.get("range")
        self.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        etag = self.etags.pop(0) if len(self.etags) > 1 else self.etags[0]
        if wanted and request.headers.get("if-range") != etag:
            start = 0
        rest = self.body[start:]
        sent = rest[: self.cuts.pop(0)] if self.cuts else rest
        headers = [f"Content-Length: {len(rest)}", f"ETag: {etag}", "Accept-Ranges: bytes"]
        if start:
            headers.append(f"Content-Range: bytes {start}-{len(self.body) - 1}/{len(self.body)}")
        writer.write(head(*headers, status="206 Partial" if start else "200 OK") + sent)


async def test_a_broken_transfer_goes_on_where_it_broke(client: httpx.AsyncClient, server: RawServer) -> None:
    body = os.urandom(2 * BATCH)
    source = Breaking(body, [BATCH + 10, 20])
    server.answer("/a", source)
    sink = Memory()
    done = await fetch(client, server.url("/a"), into=sink)
    assert sink.content == body
    assert (done.size, done.resumes, done.proven_whole) == (len(body), 2, True)
    assert source.ranges == [None, f"bytes={BATCH + 10}-", f"bytes={BATCH + 30}-"]


async def test_a_chunked_transfer_is_resumed_as_well(client: httpx.AsyncClient, server: RawServer) -> None:
    async def cut_once(request: Request, writer: asyncio.StreamWriter) -> None:
        tags = ('ETag: "one"', "Accept-Ranges: bytes", "Transfer-Encoding: chunked")
        if "range" not in request.headers:
            writer.write(head(*tags) + chunk(BODY[:100]))
            return
        span = f"Content-Range: bytes 100-{len(BODY) - 1}/{len(BODY)}"
        writer.write(head(*tags, span, status="206 Partial") + chunk(BODY[100:]) + b"0\r\n\r\n")

    server.answer("/a", cut_once)
    sink = Memory()
    await fetch(client, server.url("/a"), into=sink)
    assert sink.content == BODY


async def test_resuming_has_an_end(client: httpx.AsyncClient, server: RawServer) -> None:
    source = Breaking(BODY, [1, 1, 1, 1, 1, 1])
    server.answer("/a", source)
    error = await failure(client, server.url("/a"))
    assert isinstance(error, OutputUnavailable)
    assert error.reason == "truncated"
    assert len(source.ranges) == 3


async def test_a_file_that_changed_meanwhile_is_not_glued_together(
    client: httpx.AsyncClient, server: RawServer
) -> None:
    server.answer("/a", Breaking(BODY, [100], etags=['"one"', '"two"']))
    error = await failure(client, server.url("/a"))
    assert isinstance(error, OutputUnavailable)
    assert error.reason == "changed"


async def test_a_weak_etag_resumes_nothing(client: httpx.AsyncClient, server: RawServer) -> None:
    source = Breaking(BODY, [100], etags=['W/"one"'])
    server.answer("/a", source)
    assert isinstance(await failure(client, server.url("/a")), OutputUnavailable)
    assert source.ranges == [None]


async def test_other_transports_lengths_are_checked_too() -> None:
    """httpx checks lengths only where it parses HTTP itself."""

    def short(request: httpx.Request) -> httpx.Response:
        body = cast(httpx.AsyncByteStream, httpx.ByteStream(b"x" * 9))
        return httpx.Response(200, headers={"content-length": "10"}, stream=body)

    async with httpx.AsyncClient(transport=httpx.MockTransport(short)) as client:
        error = await failure(client, "http://127.0.0.1/a")
    assert isinstance(error, OutputUnavailable)
    assert error.reason == "truncated"
