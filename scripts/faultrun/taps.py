"""HTTP overheard on its way through a proxy: what was asked, with which body, and what was answered."""

import hashlib
import hmac
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import httptools

from scripts.faultrun.proxies import Link

LARGEST_BODY = 256 * 1024


@dataclass(slots=True)
class Exchange:
    """Times are seconds since the epoch; `status` is None while, or because, no answer passed."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    asked_at: float
    status: int | None = None
    answered_at: float | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def is_signed(self, secret: str) -> bool:
        given = self.headers.get("x-skytells-signature", "").removeprefix("sha256=")
        return hmac.compare_digest(given.encode(), hmac.new(secret.encode(), self.body, "sha256").hexdigest().encode())


class HttpTap:
    """One connection's. What it cannot parse it lets pass unheard."""

    def __init__(self, tell: Callable[[Exchange], None]) -> None:
        self._tell = tell
        self._pending: deque[Exchange] = deque()
        self._requests = httptools.HttpRequestParser(_Request(self))
        self._replies = httptools.HttpResponseParser(_Reply(self))
        self._is_deaf = False

    def upward(self, data: bytes, link: Link) -> bool:
        self._feed(self._requests, data)
        return True

    def downward(self, data: bytes, link: Link) -> bool:
        self._feed(self._replies, data)
        return True

    def asked(self, exchange: Exchange) -> None:
        self._pending.append(exchange)
        self._tell(exchange)

    def answered(self) -> None:
        status = self._replies.get_status_code()
        if status >= 200 and self._pending:
            exchange = self._pending.popleft()
            exchange.status, exchange.answered_at = status, time.time()

    def _feed(self, parser: "httptools.HttpRequestParser | httptools.HttpResponseParser", data: bytes) -> None:
        if not self._is_deaf:
            try:
                parser.feed_data(data)
            except httptools.HttpParserError:
                self._is_deaf = True

    @property
    def method(self) -> str:
        return self._requests.get_method().decode()


class _Request:
    def __init__(self, tap: HttpTap) -> None:
        self._tap = tap
        self.on_message_begin()

    def on_message_begin(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        if len(self._body) < LARGEST_BODY:
            self._body += body

    def on_message_complete(self) -> None:
        target = self._target.decode("latin-1")
        self._tap.asked(Exchange(self._tap.method, target, self._headers, bytes(self._body), time.time()))


class _Reply:
    def __init__(self, tap: HttpTap) -> None:
        self._tap = tap

    def on_headers_complete(self) -> None:
        self._tap.answered()


class Hijack:
    """Answers a request itself where `lure` says so, as a hostile CDN would. Downloads send a head and no body."""

    def __init__(self, lure: Callable[[str], bytes | None], overhear: Callable[[bytes], None]) -> None:
        self._lure = lure
        self._overhear = overhear

    def upward(self, data: bytes, link: Link) -> bool:
        self._overhear(data)
        method, _, rest = data.partition(b" ")
        lie = self._lure(rest.partition(b" ")[0].decode("latin-1")) if method == b"GET" else None
        if lie is None:
            return True
        link.answer(lie)
        return False

    def downward(self, data: bytes, link: Link) -> bool:
        return True
