"""Downloads into a sink: bounded, resumed where the server allows it, whole or not at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from app.outbound import replies
from app.outbound.behind import Behind, Sink
from app.outbound.errors import AddressRefused, OutputGone, OutputRejected, OutputUnavailable, Trouble
from app.outbound.hosts import HostRules
from app.outbound.urls import readable

BATCH = 1024 * 1024  # one write for so many bytes: few thread hops, and little memory


@dataclass(frozen=True)
class DownloadLimits:
    """Bounds of one download: bytes, seconds in all, seconds without a byte, redirects per try, resumes."""

    max_bytes: int
    total_seconds: float
    stall_seconds: float
    max_redirects: int = 3
    max_resumes: int = 2


@dataclass(frozen=True)
class Downloaded:
    """A finished stream.

    `proven_whole` is False when neither a length nor chunks framed the body: its end may be a cut, and only
    its own structure can tell. `content_type` is what the server claimed, `url` where the last redirect led.
    """

    url: str
    size: int
    proven_whole: bool
    content_type: str | None
    resumes: int


async def download(
    client: httpx.AsyncClient, url: str, *, hosts: HostRules, into: Sink, limits: DownloadLimits
) -> Downloaded:
    """Stream one file into a sink. Nothing is sent along: no cookie, no key, no default of the client.

    Raises OutputGone, OutputUnavailable or OutputRejected, and whatever the sink raises.
    """
    clock = asyncio.timeout(limits.total_seconds)
    try:
        async with Behind(into) as behind, clock:
            return await _Transfer(client, hosts, behind, limits).run(_parsed(url))
    except TimeoutError as error:
        if clock.expired():
            raise OutputUnavailable("deadline") from error
        raise


class _Transfer:
    """One file on its way, over as many connections as it takes."""

    def __init__(self, client: httpx.AsyncClient, hosts: HostRules, into: Behind, limits: DownloadLimits) -> None:
        self._client = client
        self._hosts = hosts
        self._into = into
        self._limits = limits
        self._batch = bytearray()
        self._size = 0
        self._resumes = 0

    async def run(self, url: httpx.URL) -> Downloaded:
        async with self._opened(url, {}) as response:
            promise = replies.whole_body(response)
            if promise.length is not None:
                self._check_size(promise.length)
            trouble = await self._pour(response)
        while trouble is not None:
            trouble = await self._resume(response.url, promise, trouble)
        if promise.length not in (None, self._size):
            raise OutputUnavailable("truncated")
        await self._flush()
        await self._into.finish()
        claimed = response.headers.get("content-type")
        return Downloaded(str(response.url), self._size, promise.framed, claimed, self._resumes)

    async def _resume(self, url: httpx.URL, promise: replies.Promise, trouble: Trouble) -> Trouble | None:
        """Ask for the rest of the very same file. Raises OutputUnavailable where that cannot be had."""
        if promise.validator is None or self._resumes >= self._limits.max_resumes:
            raise OutputUnavailable(trouble)
        self._resumes += 1
        wanted = {"range": f"bytes={self._size}-", "if-range": promise.validator}
        async with self._opened(url, wanted) as response:
            end = replies.rest_of_body(response, self._size, promise)
            trouble_again = await self._pour(response)
        if trouble_again is None and self._size != end:
            raise OutputUnavailable("truncated")
        return trouble_again

    @asynccontextmanager
    async def _opened(self, url: httpx.URL, extra: dict[str, str]) -> AsyncIterator[httpx.Response]:
        """Follow redirects by hand, each judged like the first, and hold the answer open."""
        for _ in range(self._limits.max_redirects + 1):
            if not self._hosts.allow(url):
                raise OutputRejected("host", url.host)
            response = await self._asked(url, extra)
            try:
                if response.has_redirect_location:
                    url = _parsed(response.headers["location"], response.url)
                    continue
                _check_status(response)
                yield response
                return
            finally:
                await response.aclose()
        raise OutputRejected("redirects", url.host)

    async def _asked(self, url: httpx.URL, extra: dict[str, str]) -> httpx.Response:
        stall = self._limits.stall_seconds
        request = httpx.Request(
            "GET",
            url,
            headers={"accept": "*/*", "accept-encoding": "identity", "user-agent": "darkroom", **extra},
            extensions={"timeout": {"connect": stall, "read": stall, "write": stall, "pool": None}},
        )
        try:
            return await self._client.send(request, stream=True, auth=None, follow_redirects=False)
        except AddressRefused as error:
            raise OutputRejected("address", str(error)) from error
        except httpx.HTTPError as error:
            raise OutputUnavailable(_trouble(error, "connection")) from error
        except ValueError as error:  # httpx reads a Location even when it is not to follow it
            raise OutputRejected("url") from error

    async def _pour(self, response: httpx.Response) -> Trouble | None:
        """Read to the end of the body, or return what cut it off."""
        pieces = response.aiter_raw()
        while True:
            try:
                piece = await anext(pieces, None)
            except httpx.HTTPError as error:
                return _trouble(error, "truncated")
            if piece is None:
                return None
            await self._take(piece)

    async def _take(self, piece: bytes) -> None:
        self._size += len(piece)
        self._check_size(self._size)
        self._batch += piece
        if len(self._batch) >= BATCH:
            await self._flush()

    async def _flush(self) -> None:
        if self._batch:
            batch, self._batch = bytes(self._batch), bytearray()
            await self._into.write(batch)

    def _check_size(self, size: int) -> None:
        if size > self._limits.max_bytes:
            raise OutputRejected("too_large", f"more than {self._limits.max_bytes} bytes")


def _parsed(url: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        return readable(url, base)
    except ValueError as error:
        raise OutputRejected("url") from error


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if 400 <= status < 500 and status not in (408, 425, 429):
        raise OutputGone(status)
    raise OutputUnavailable("status", status=status, retry_after=replies.retry_after(response.headers))


def _trouble(error: httpx.HTTPError, broken: Trouble) -> Trouble:
    """Silence is one thing; what a broken connection means depends on how far we were."""
    return "stalled" if isinstance(error, httpx.TimeoutException) else broken
